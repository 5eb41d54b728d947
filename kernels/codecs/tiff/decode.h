// tiff/decode: the pixels of a rectangle of one level from the tiles or strips that it touches.
//
// library: TIFFReadEncodedTile / TIFFReadEncodedStrip of the touched units (tiff/by_library.h).
// best: their bytes read and decoded here (tiff/tile.h), only touched rows unpredicted, straight
// into the caller's view, on several threads; falls back to library where the file asks for
// something else (CCITT, planes apart, other depths, extra samples), with the reason in the report.
// A strip is decoded no further than its last touched row: damage below it is not seen, where
// library, which decodes whole units, refuses. Why it is faster: no libtiff buffers between file
// and tile, LZW by copies, a SIMD predictor; of uncompressed tiles only the touched rows are read,
// to where the copy is fast (aligned_read.h). Bound: the entropy coder (deflate, zstd, LZW), memory
// for none. Memory: one tile per thread; a gigapixel file needs no more. Errors: kBadInput with
// unit and offset, kTooLarge beyond limits.
#pragma once

#include "kernels/codecs/tiff/file.h"

namespace iiifbench::tiff {

Result<DecodeReport> DecodeLevel(File& file, const Level& level, const Region& wanted,
                                 const DecodeRequest& request, PixelView out);

}  // namespace iiifbench::tiff
