// tiff/jpeg: one JPEG tile or strip of a TIFF by libjpeg-turbo itself.
//
// Why it is faster: libtiff decodes whole tiles, one after the other through one handle. Here a
// tile is a small picture of its own, the shared tables put before it, so that only the touched
// rows and columns are reconstructed, its Huffman codes are decoded by jpeg/entropy (whose tables
// are kept from tile to tile) and tiles decode on several threads. Bound: the dependent steps of
// the entropy decoder, then the reconstruction, which stays the library's; a 1024 region takes 1
// / 1.6 of libtiff's time (benchmark peers, region/tiff_jpeg). Standard: TIFF Technical Note 2 (tag
// 347, JPEGTables), ITU-T T.81. Errors: kUnsupported where this must be left to libtiff, which also
// decides about damaged tiles. Threads: buffers are the caller's.
#pragma once

#include "kernels/codecs/tiff/file.h"

namespace iiifbench::tiff {

// What stands before every tile: SOI, the shared tables, an Adobe segment that says YCbCr. For the
// current directory. Fails where JPEGTables hold anything but tables: a frame or scan in them would
// be taken for the tile's.
Result<std::vector<uint8_t>> JpegFront(const File& file);

// Decodes `touched`, in pixels of the unit of `size` that stands at `offset` with `bytes`, into
// `out`.
Result<void> DecodeJpegUnit(const File& file, std::span<const uint8_t> front, uint64_t offset,
                            uint64_t bytes, Size size, const Region& touched,
                            std::vector<uint8_t>& buffer, PixelView out);

}  // namespace iiifbench::tiff
