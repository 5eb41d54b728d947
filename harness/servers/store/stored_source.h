// stored_source: a file behind HTTP as a Source: each read beyond what is held is one synchronous
// range request.
//
// Standard: RFC 9110, 14 (206, Content-Range). At least `chunk` bytes are asked for, and the last
// chunk is kept: the smallest cache a server can have. Errors: kNotFound for 404, kIo for
// everything else, with the URL. Threads: one at a time per source.
#pragma once

#include <memory>
#include <string>

#include "kernels/image/source.h"

namespace iiifbench {

// `prefix`: "http://host:port/folder/".
Result<std::unique_ptr<Source>> OpenStored(const std::string& prefix, const std::string& name,
                                           int64_t chunk);

}  // namespace iiifbench
