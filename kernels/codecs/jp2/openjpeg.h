// jp2/openjpeg: a region of any JPEG 2000 picture that OpenJPEG decodes, as pixels.
//
// The library is asked for the area on the reference grid that the pixels cover, at the reduction
// of their level. Three cases ask for more. HTJ2K: whole tiles, since OpenJPEG 2.5.0 answers
// mid-grey, with success, for an area inside an HT tile. Packed packet headers (PPM, PPT): the
// whole level, since the same release fails to skip tiles of such files. A tile of fewer
// decompositions than the level asks for: a finer level, whose pixels are then averaged (2^n x 2^n
// to one).
//
// Shapes: out is the wanted rectangle of the level. Memory: what the library builds for
// code-blocks, precincts and tiles is counted before it is called and refused (kTooLarge) beyond
// limits or beyond 48 MB + 64 bytes a byte of the file, which no honest file comes near; then 4
// bytes a sample of the area. Errors: kBadInput with the library's words, kTooLarge, kUnsupported.
// Threads: reentrant; `threads` is given to the library.
#pragma once

#include "kernels/codecs/codec.h"
#include "kernels/codecs/jp2/header.h"

namespace iiifbench::jp2 {

// The picture's rectangle at a level, in absolute pixels: ceil(ceil(x / dx) / 2^level).
struct LevelFrame {
  int64_t x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};
LevelFrame FrameOf(const Header& header, const Channels& channels, int level);

// `wanted` counts from the frame's first pixel. Adds to report what it cost and fell back to.
Result<void> DecodeByOpenJpeg(Source& source, const Header& header, const Channels& channels,
                              const Region& wanted, const DecodeRequest& request,
                              DecodeReport& report, PixelView out);

}  // namespace iiifbench::jp2
