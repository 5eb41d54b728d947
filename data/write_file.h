// write_file: a whole file or none: written beside its place, then renamed over it.
//
// A device or a pipe is written to as it is. Errors: kIo with
// the path, the size and what to do. Threads and processes: two that write the same path do not mix
// their bytes; the last one stays.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "kernels/image/result.h"

namespace iiifbench {

Result<void> WriteFile(const std::string& path, std::span<const uint8_t> bytes);
Result<void> WriteFile(const std::string& path, std::string_view text);
// Makes the folder where it is missing: for files of our own, whose place nobody typed.
Result<void> WriteFileAndFolder(const std::string& path, std::string_view text);

// JSON as we store it: one space a level, a line's end at the end; bytes that are no UTF-8 become
// U+FFFD, so that a result is never lost for a letter.
std::string JsonText(const nlohmann::json& body);

}  // namespace iiifbench
