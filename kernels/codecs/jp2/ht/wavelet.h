// jp2/ht/wavelet: one level of the inverse wavelet over a part of a resolution, and the inverse
// colour transformation.
//
// Standard: ITU-T T.800 F.3 (2D_SR, 1D_SR), F.3.8.2 (5/3: integers, exact), F.3.8.1 (9/7: floats),
// G.2 (RCT), G.3 (ICT), G.1 (level shift). A rectangle needs 2 (5/3) or 4 (9/7) samples around it,
// see WithMargin; at the edges of the tile the signal is mirrored.
//
// Why it is fast. Rows are lifted as two runs, even and odd, so that a neighbour is the same run
// one sample on: no shuffles until both are interleaved into the strip, which stays in the
// second-level cache. Columns are lifted where the rows lie, 128 samples at a time and all steps
// one after the other, so that a column block stays in the first-level cache. Bound: about 2 (5/3)
// or 4 (9/7) loads and additions a sample each way; memory is touched once for the bands and once
// for the pixels.
//
// Units: samples are 32-bit words, integers (5/3) or the bits of floats (9/7). Memory: the caller's
// scratch, (height + margins) x (width + margins) words. Overflow wraps (damaged files). Threads: a
// scratch each.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kernels/codecs/jp2/packets/coding.h"

namespace iiifbench::jp2 {

// Borrowed samples: `first` is the one at (rect.x.from, rect.y.from).
struct Samples {
  const int32_t* first = nullptr;
  ptrdiff_t stride = 0;
  Rect rect;
};

struct WaveletScratch {
  std::vector<int32_t> strip, even, odd;
};

struct Level {
  std::array<Samples, 4> bands;  // LL, HL, LH, HH: at least BandRect(WithMargin(...)) of each
  Rect all;                      // the tile at this resolution
  bool reversible = false;
};

// The samples of `part` in scratch.strip; `stride` from row to row. Valid until the next call.
struct Strip {
  int32_t* first = nullptr;
  ptrdiff_t stride = 0;
};
Strip Synthesize(const Level& level, const Rect& part, WaveletScratch& scratch);
// The same by the letter of the standard.
Strip SynthesizeScalar(const Level& level, const Rect& part, WaveletScratch& scratch);

// In place, from wavelet samples to integers: RCT or ICT over three planes if `transform`, rounding
// (9/7) and
// + offset. Rows may be written up to a multiple of 16 samples.
void UndoColour(std::array<int32_t*, 3> planes, int components, ptrdiff_t stride, int width,
                int height, bool reversible, bool transform, int32_t offset);
void UndoColourScalar(std::array<int32_t*, 3> planes, int components, ptrdiff_t stride, int width,
                      int height, bool reversible, bool transform, int32_t offset);

}  // namespace iiifbench::jp2
