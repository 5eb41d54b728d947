// part: what decoding and JPEG encoding alone take of one of our requests, timed beside the whole
// of it.
//
// The bound of a request: everything else - opening the file, prediction, copies, planning - could
// at best cost nothing. Where decoding is a library's, nobody who calls that library passes the
// bound either. Memory: the touched tiles as stored and the answer's pixels, read before the clock
// runs.
#pragma once

#include <optional>

#include "benchmarks/peers/peer.h"

namespace iiifbench::peers {

// Begins the label of every such job.
inline constexpr std::string_view kPartLabel = "of it, ";

// For requests of a region from TIFF and JPEG 2000; an error found while preparing comes from its
// run.
std::optional<Job> PartOf(const Task& task);

}  // namespace iiifbench::peers
