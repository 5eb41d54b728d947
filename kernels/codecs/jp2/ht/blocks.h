// jp2/ht/blocks: tier-1 decoding of chosen code-blocks by OpenJPH's SIMD block decoder.
//
// OpenJPH decodes codestreams, not code-blocks. So the blocks are written into a codestream of
// their own whose picture is just them: one component of signed samples, no wavelet (0
// decompositions), no quantiser, one precinct, the blocks at the same place of their grid, the
// packet header's tag trees written anew, the bodies read from where they lie. Its "pixels" are
// then the quantiser's indices. Why they come out exactly: an HT block's bit-planes are counted
// from the top (missing bit-planes), so only the exponent must say the same M_b; without a wavelet
// and unsigned shift the library copies. For 9/7 M_b is stated one larger, which shows the half
// step at which the library puts a sample inside its bin: 2 |q| + 1, so a sample is that times half
// the step, as the library has it (T.800 E-6, r = 1/2).
//
// Shapes: a row of blocks after the other. Units: `to` holds integers (5/3) or the bits of floats
// (9/7). Memory: the compressed bytes of the blocks of one call. Errors: kBadInput with OpenJPH's
// message; its warnings are errors; kUnsupported where this build has none. Threads: reentrant.
#pragma once

#include <memory>

#include "kernels/codecs/jp2/packets/packets.h"

namespace iiifbench::jp2 {

// 32-bit samples of a rectangle.
struct Plane {
  Rect rect;
  ptrdiff_t stride = 0;  // in samples
  std::unique_ptr<int32_t[]> samples;
  int32_t* At(int64_t x, int64_t y) const {
    return samples.get() + (y - rect.y.from) * stride + (x - rect.x.from);
  }
};
// Uninitialised; rows are padded so that a vector may be read behind their end.
Plane MakePlane(const Rect& rect);
int64_t PlaneBytes(const Rect& rect);

// Decodes `rows` rows of blocks from `first_row` on of those in `band`, and stores what lies in
// band.needed, which is to.rect.
Result<void> DecodeBlocks(Source& source, const TileData& data, const Coding& coding,
                          const BandBlocks& band, int first_row, int rows, Plane& to);

}  // namespace iiifbench::jp2
