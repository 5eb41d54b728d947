// tiff/encode: tiled pyramidal or stripped TIFF in memory.
//
// Standard: TIFF 6.0; the pyramid is a chain of pages, each half of the one before (rounded down,
// at least 1), marked FILETYPE_REDUCEDIMAGE, down to the first that fits in one tile: the form that
// IIPSrv and libvips read. Tiles of none, deflate and zstd are compressed here on several threads;
// LZW and JPEG by libtiff. Errors: kUnsupported for an unknown compression, libtiff's text
// otherwise.
#pragma once

#include <vector>

#include "kernels/codecs/codec.h"

namespace iiifbench::tiff {

Result<void> Encode(ConstPixelView image, const EncodeOptions& options, std::vector<uint8_t>& out);

}  // namespace iiifbench::tiff
