// way: how a region of a JPEG is decoded cheapest: which MCUs it touches, whether they are cut out
// or reached in order, and which thread does which rows.
//
// Costs are counted per MCU in units of the library's entropy decoding; the constants were measured
// once and choose only between ways that give the same pixels. Units: MCUs for McuRect, pixels of
// the level for regions. Memory: the pieces. Errors: none. Threads: any.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/codecs/codec.h"
#include "kernels/codecs/jpeg/huffman/stream.h"
#include "kernels/image/image.h"

namespace iiifbench::jpeg {

// MCUs [left, right) x [top, bottom).
struct McuRect {
  int left, top, right, bottom;
  int64_t count() const { return int64_t{right - left} * (bottom - top); }
};

// What `wanted` touches with the pixel around it that fancy upsampling reads; at least four MCUs
// across, where there are.
McuRect Touched(const Stream& stream, const Region& wanted, int level);

// How a request is done.
struct DecodePlan {
  // A small picture of the touched MCUs per piece; otherwise in order from a start.
  bool cut = false;
  std::vector<Region> pieces;
};
// `own`: our entropy decoder; `indexed`: every row's start is known; `split`: two threads share
// what stands above.
DecodePlan ChoosePlan(const Stream& stream, const McuRect& rect, const Region& wanted,
                      const DecodeRequest& request, bool own, bool indexed, bool split);

}  // namespace iiifbench::jpeg
