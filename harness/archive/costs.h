// costs: what requests of one file cost in our kernels: the floor of serving it.
//
// Requests, each answered as JPEG of quality 90 as the reference server does, one thread:
//   info    the header
//   tile    256x256 of full size, at the centre
//   zoomed  1024x1024 at the centre in 256x256: a tile of a viewer two levels out
//   region  1024x1024 of full size, at the centre
//   level   the whole page, 1024 wide
// clipped to the picture. Row: {"<request>_us": processor time, "<request>_wall_us": with reading,
// ..., "memory_kb": the most of any of them, where the kernel tells}. Formula: the median of
// `repeat` runs after one that is not counted; one run only where that took over a second. The last
// tile of the page is decoded, too: a file that was cut shows there.
// Units: microseconds of the thread's processor clock and of the steady clock; kB of 1024. Errors:
// {"damage", "kind", "at": the request}. Memory: that of the decoder. Threads: none.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "harness/archive/worker.h"
#include "kernels/codecs/codec.h"

namespace iiifbench {

constexpr std::array<const char*, 5> kArchiveRequests = {"info", "tile", "zoomed", "region",
                                                         "level"};

Row CostsOf(const std::string& path, int repeat);
Row CostsOf(Source& source, const Codec& codec, const ImageInfo& info, int repeat);

// The same of the file's pixels in other recipes, beside the file as it is, all from memory, in one
// process: {"pixels", "as_is": costs, "tries": [{"recipe", "bytes", "encode_us", costs} or
// {"recipe", "refused": why}]}, or {"refused": why}.
Row TryRecipes(const std::string& path, const std::vector<std::string>& recipes, int repeat,
               int64_t max_pixels);

}  // namespace iiifbench
