// tiff/tile: the bytes of one stored tile or strip to samples, without libtiff.
//
// Why it is faster. LZW: libtiff follows a chain of codes backwards for every string. Here a code
// is {where its string already stands in the output, its length}, so a string is one or a few
// 8-byte copies; literals stand in front of the output, so they take the same path. Deflate and
// zstd: one call of libdeflate or libzstd on the whole tile, without a stream's window copies.
// Bound: LZW by the serial chain code -> length
// -> next position, about 8 cycles per code. Standard: TIFF 6.0 clause 13 (LZW: most significant
// bit first, codes grow one code early). Errors: kBadInput with what is wrong with the bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/image/result.h"

namespace iiifbench::tiff {

// Buffers of one thread, reused from tile to tile.
struct TileScratch {
  std::vector<uint8_t> room;
  std::span<const uint8_t> stored;  // mostly within `room`
  std::vector<uint8_t> row;         // one row, unpredicted
  std::vector<uint8_t> samples;     // kFront bytes, then the tile, then slack
  static constexpr size_t kFront = 256;
  void Release();  // what is too large to be kept
  uint8_t* tile() { return samples.data() + kFront; }
};

// Who decodes it, for messages: "libdeflate".
std::string_view DecoderOf(uint16_t compression);
// Whether DecodeStored handles this compression tag.
bool DecodesItself(uint16_t compression);
// True for the LZW of TIFF 5.0 with the opposite order of bits, which is libtiff's business.
bool IsOldLzw(std::span<const uint8_t> stored);

// Decodes at least the first `wanted` of `total` bytes of scratch.stored into scratch.tile().
Result<void> DecodeStored(uint16_t compression, TileScratch& scratch, size_t wanted, size_t total);

}  // namespace iiifbench::tiff
