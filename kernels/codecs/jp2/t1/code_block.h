// jp2/t1/code_block: a code-block of T.800 as tier 1 takes it, and where its samples go.
//
// Standard: ITU-T T.800 B.7 (sizes), D.3 to D.6 (passes), table A.19 (styles), H.1 (region of
// interest). Units: bytes of the code string, samples of a band. Memory: borrowed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace iiifbench::jp2 {

// Styles of code-blocks, T.800 table A.19.
inline constexpr int kBypass = 1, kResetContexts = 2, kTerminateAll = 4, kVerticallyCausal = 8,
                     kPredictableTermination = 16, kSegmentationSymbols = 32;
// What 32 bits hold beside the half step and the sign.
inline constexpr int kMostPlanes = 30;
inline constexpr int kMostBlockSide = 1024, kMostBlockArea = 4096;

// A terminated piece of the code string.
struct Segment {
  uint32_t bytes = 0;
  int passes = 0;
};

// Where the decoded samples go. Inside the block, [left, right) x [top, bottom) is stored.
struct BlockOutput {
  int32_t* to = nullptr;  // of (left, top)
  ptrdiff_t stride = 0;
  int left = 0, top = 0, right = 0, bottom = 0;
  float half_step = 0;   // 0: integers (5/3); else the bits of floats, in samples
  int region_shift = 0;  // maxshift of the region of interest
};

struct CodeBlock {
  int width = 0, height = 0;
  int band = 0;    // 0 LL, 1 HL, 2 LH, 3 HH
  int planes = 0;  // coded: M_b (plus the shift of a region of interest) less the missing ones
  int passes = 0;
  int style = 0;
  const uint8_t* data = nullptr;  // of the segments, one after the other
  std::span<const Segment> segments;
  BlockOutput out;
};

// How many passes the segment holds whose first pass is `pass` (T.800 tables D.8 and D.9).
inline int PassesOfSegment(int style, int pass) {
  if ((style & kTerminateAll) != 0) return 1;
  if ((style & kBypass) == 0) return 3 * 255;
  if (pass < 10) return 10 - pass;
  return pass % 3 == 0 ? 1 : pass % 3 == 1 ? 2 : 1;
}
// Whether a pass is raw bits: significance and refinement from the fifth plane on.
inline bool IsRaw(int style, int pass) {
  return (style & kBypass) != 0 && pass >= 10 && pass % 3 != 0;
}

// Whether sizes, planes, passes and segments agree: what the decoders take for granted.
inline bool IsSound(const CodeBlock& b) {
  if (b.width < 1 || b.height < 1 || b.width > kMostBlockSide || b.height > kMostBlockSide ||
      b.width * b.height > kMostBlockArea || b.band < 0 || b.band > 3 || b.planes < 1 ||
      b.planes > kMostPlanes || b.passes < 1 || b.passes > 3 * b.planes - 2)
    return false;
  const BlockOutput& o = b.out;
  if (o.left < 0 || o.top < 0 || o.right > b.width || o.bottom > b.height || o.region_shift < 0)
    return false;
  int passes = 0;
  for (const Segment& s : b.segments) {
    if (s.passes < 1 || s.passes > PassesOfSegment(b.style, passes)) return false;
    passes += s.passes;
  }
  return passes == b.passes;
}

}  // namespace iiifbench::jp2
