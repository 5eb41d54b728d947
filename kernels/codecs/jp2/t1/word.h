// jp2/t1/word: 8 columns of a stripe of a code-block as 64 bits.
//
// Shape: with a halo of one sample, bit 6 * column + row, the core in columns 1 to 8 and rows 1 to
// 4: ascending bits of the core are the order of the scan (T.800 D.1), and all neighbours of a
// sample are in its word.
#pragma once

#include <cstdint>

namespace iiifbench::jp2::t1 {

inline constexpr uint64_t kColumn = 0x3F;
constexpr uint64_t RowBits(int row) {
  uint64_t bits = 0;
  for (int c = 0; c <= 9; ++c) bits |= uint64_t{1} << (6 * c + row);
  return bits;
}
inline constexpr uint64_t kRow0 = RowBits(0), kRow1 = RowBits(1), kRow4 = RowBits(4),
                          kRow5 = RowBits(5);
// Samples of the word that the block has.
constexpr uint64_t CoreBits(int columns, int rows) {
  uint64_t bits = 0;
  for (int c = 1; c <= columns; ++c) bits |= ((uint64_t{1} << rows) - 1) << (6 * c + 1);
  return bits;
}

}  // namespace iiifbench::jp2::t1
