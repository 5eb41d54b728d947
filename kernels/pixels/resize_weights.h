// resize_weights: the taps of one axis of a resize.
//
// Formula: see resize.h. Units: pixels of the source; weights are doubles that sum to 1, or Q14
// integers that sum to exactly 16384.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/pixels/resize.h"

namespace iiifbench {

struct Taps {
  int count = 0;                // taps per output sample
  std::vector<int> start;       // of each output sample: its first tap
  std::vector<double> weights;  // [output][count]
};
// `begin`, `length`: the window on this axis; `size`: samples that exist; `outputs`: samples
// wanted.
Taps MakeTaps(Filter filter, double begin, double length, int size, int outputs);

constexpr int kWeightBits = 14;
struct FixedTaps {
  int count = 0;  // even; padded with zeros
  std::vector<int> start;
  std::vector<int16_t> weights;  // [output][count]
};
// Rounds so that every sample's weights sum to exactly 1: a flat picture stays flat.
FixedTaps ToFixed(const Taps& taps);

// The same taps counted in pairs of source samples that all outputs share, so that a pair is
// interleaved once for every output that it feeds. Pair q holds the samples 2q - offset and 2q + 1
// - offset; one that does not exist has weight 0. `first` and `last` never fall from one output to
// the next.
struct PairedTaps {
  int offset = 0;  // 0 or 1: what the most outputs begin at, so that they need no further pair
  int stride = 0;  // pairs kept for each output
  std::vector<int> first, last;  // of each output: its pairs [first, last)
  std::vector<int16_t> weights;  // [output][stride][2]
};
PairedTaps ToPairs(const FixedTaps& taps);

}  // namespace iiifbench
