// repeated_tile: files of any size that hold one encoded tile again and again: gigapixels in a
// second.
//
// The tile is encoded once by our own codec; its bytes are written across x down times behind a
// header that says so. TIFF: classic, tiles of the picture's size (TIFF 6.0 section 15). JPEG 2000:
// a raw codestream whose tile-parts differ in their number only (T.800 A.4.2); that is valid
// because the tile's side is a power of two that no decomposition makes odd and no code-block
// straddles.
//
// Units: tiles. Memory: one encoded tile and, for TIFF, 8 bytes a tile. Errors: the codec's
// message; kIo with the path when the disk is full (nothing is left behind); kTooLarge beyond 4 GB
// of TIFF or 65535 tiles of JPEG 2000.
#pragma once

#include <string>

#include "kernels/codecs/codec.h"

namespace iiifbench {

// A picture that looks alike everywhere and compresses like a page: paper, strokes, a little noise.
Image RepeatableTile(int side);

// `codec`: tiff or jp2. `options.tile` is set to the picture's size here; no pyramid.
Result<void> WriteRepeated(const Codec& codec, const Image& tile, EncodeOptions options, int across,
                           int down, const std::string& path);

}  // namespace iiifbench
