// jpeg/planes: JPEG to and from its own YCbCr planes, chroma as stored: no colour conversion, no
// resampling of chroma.
//
// Standard: T.81 A.1.1 (sampling factors), A.2.4 (completion of partial blocks: here by the last
// sample, as libjpeg-turbo does).
//
// What it gains: chroma is not resampled twice, and no time. From RGB an encoder makes YCbCr and
// averages chroma, a decoder before it did the reverse; both are skipped, yet with
// libjpeg-turbo 2.1.5 on AVX-512 hardware, 1000x1500 at q90 4:2:0, library / planes (medians of 9,
// interleaved, benchmark 'encode'): encode 1.00 (print page) and 0.98 (map), decode and encode
// together 1.00 and 1.02; standard deviations 0.3 to 8 %. Believed: the library does its
// conversions by SIMD on strips that stay in the cache, while planes are read from memory; entropy
// coding and DCT are the bound either way. So answers are rendered through RGB.
//
// Exactness, see planes_test: DecodePlanes gives the samples that the library upsamples,
// EncodePlanes the bytes that the library writes for the same samples given as interleaved YCbCr,
// any width and height. Shapes: 4:4:4, 4:2:2, 4:2:0, 4:4:0 and grey; chroma planes are ceil(width /
// 2) or ceil(height / 2). Memory: EncodePlanes borrows; rows whose width is no multiple of 8 are
// copied once. Errors: as Codec::decode and encode; kUnsupported for RGB files and other sampling
// factors. Threads: reentrant.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kernels/codecs/codec.h"

namespace iiifbench::jpeg {

// Y, Cb, Cr, each of one channel and of PlaneSize(); grey: Y alone.
struct Planes {
  Size size;
  Subsampling subsampling = Subsampling::k420;
  std::array<ConstPixelView, 3> plane;
  int count() const { return subsampling == Subsampling::kGray ? 1 : 3; }
};

Size PlaneSize(Size picture, Subsampling subsampling, int component);

// Planes that own their memory, rounded up to whole blocks.
struct PlanarImage {
  Size size;
  Subsampling subsampling = Subsampling::k420;
  std::array<Image, 3> blocks;
  Planes planes() const;
};

// The whole picture at full size. Memory of `out` is used again where it has the shape.
Result<void> DecodePlanes(Source& source, const DecodeLimits& limits, PlanarImage& out);

// options.subsampling is that of the planes, whatever it says.
Result<void> EncodePlanes(const Planes& planes, const EncodeOptions& options,
                          std::vector<uint8_t>& out);

}  // namespace iiifbench::jpeg
