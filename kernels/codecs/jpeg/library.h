// jpeg/library: libjpeg-turbo behind Result<T>; everything of the JPEG codec that calls the library
// stands here.
//
// Standard: ITU-T T.81 (JPEG), T.871 (JFIF). libjpeg reports errors by a callback that must not
// return; the setjmp that catches it stays inside one function each, whose locals are trivial.
// Warnings. libjpeg goes on with grey pixels where entropy-coded data is damaged or missing. That
// is an error here, except for warnings that touch no pixel (extraneous bytes, a foreign JFIF
// version, an unknown Adobe transform).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/codecs/codec.h"

namespace iiifbench::jpeg {

// What the headers say.
struct Header {
  Size size;
  int components = 0;
  bool progressive = false;
  bool arithmetic = false;
  int restart_interval = 0;  // MCUs; 0: none
  int max_h = 1, max_v = 1;  // sampling factors of the densest component
  int chroma_h = 1, chroma_v = 1;
  int orientation = 1;    // EXIF tag 274
  int64_t icc_bytes = 0;  // of all its APP2 segments
};
Result<Header> ReadHeader(Source& source);

// How much of the picture a decode reconstructs.
enum class Extent {
  kWhole,   // everything, then `wanted` is copied out of it
  kRegion,  // rows above are skipped, columns beside are cropped, with the margins that smooth
            // chroma upsampling needs
  kRows,    // whole rows down to the last wanted one: for a picture that is hardly larger than
            // `wanted`
};

class EntropyDecoder;

// Fills `out` with `wanted`, a rectangle of the picture at 1/2^level, with the pixels of a whole
// decode. `entropy`: takes the place of the library's own Huffman decoder.
Result<DecodeReport> Decode(Source& source, const Region& wanted, int level, Extent extent,
                            const DecodeLimits& limits, PixelView out,
                            EntropyDecoder* entropy = nullptr);

Result<void> Encode(ConstPixelView image, const EncodeOptions& options, std::vector<uint8_t>& out);

}  // namespace iiifbench::jpeg
