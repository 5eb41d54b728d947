// probe: the designed set of requests that makes stages separate, and the series of source sizes.
//
// Each group varies one thing and holds the rest: fixed output with a growing region (decode
// moves), fixed region with a growing output (encode moves), region = size (no resize), outputs
// just off a stored level, positions from top to bottom, a tiny region scaled up (encode and resize
// without decode), the whole picture at many sizes, the size series (tells decode of the whole
// picture from overhead; its smallest step, where next to nothing is decoded, three times, lest
// overhead hang on one probe), info.json and one pixel (all but pixels). Two probes that differ by
// one pixel of output name each other as a pair. Shapes: regions lie inside the picture; probes
// that would not are left out. A core of about two dozen separates all stages by itself: all that a
// slow server is asked.
#pragma once

#include <string>
#include <vector>

#include "kernels/image/image.h"

namespace iiifbench {

struct ProbeRequest {
  std::string name;  // "output:1023"; unique
  int image = 0;     // 0: the source; 1..: steps of the size series, from small to large
  std::string path;  // after the identifier; "info.json" or region/size/rotation/quality.format
  bool info = false;
  bool signature = false;  // one of the dozen that are asked first
  bool core = false;  // of the smallest set that separates the stages; the others are asked while
                      // time is left
  std::string pair;   // name of the probe whose output is one pixel wider
};

constexpr int kSeriesWidths[] = {64, 512, 1000, 2000};

// `full`: how a whole size is spelled, "full" or "max"; `upscale`: the prefix of a size above the
// region's,
// "" or "^".
std::vector<ProbeRequest> DesignProbes(Size image, const std::vector<Size>& series,
                                       const std::string& full, const std::string& upscale);
// What an attribution is wanted for where nobody says: a tile, a region at half size, a text line,
// the page at 800.
std::vector<std::string> DefaultRequests(Size image);

}  // namespace iiifbench
