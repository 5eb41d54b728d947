// haar_sums: what two pictures share in the details of one row of 2x2 blocks, and the blocks' sums.
//
// Formula: of a block (a b / c d) the details are a - b + c - d, a + b - c - d and a - b - c + d.
// Summed over the row are their squares in each picture and their products; a + b + c + d is the
// next level's sample. Why it is faster: 16-bit lanes hold every detail exactly, and one
// instruction multiplies and adds pairs of them. Bound: arithmetic, five products per detail.
// Shapes: rows of 2 * blocks samples; `expected_sums` and `answer_sums` take `blocks`. Units:
// sample values; those of 16 bits are at most 4080, the sums of 16 samples of 8 bits. Errors: none.
// Threads: any.
#pragma once

#include <cstdint>

namespace iiifbench {

struct HaarSums {
  int64_t expected = 0, answer = 0, both = 0;
  friend bool operator==(const HaarSums&, const HaarSums&) = default;
};

// Two rows of blocks in each picture: the upper and the lower samples.
template <typename T>
struct HaarRows {
  const T *expected_top, *expected_low, *answer_top, *answer_low;
};

HaarSums SumHaarRow(const HaarRows<uint8_t>& rows, int16_t* expected_sums, int16_t* answer_sums,
                    int blocks);
HaarSums SumHaarRow(const HaarRows<int16_t>& rows, int16_t* expected_sums, int16_t* answer_sums,
                    int blocks);
HaarSums SumHaarRowScalar(const HaarRows<uint8_t>& rows, int16_t* expected_sums,
                          int16_t* answer_sums, int blocks);
HaarSums SumHaarRowScalar(const HaarRows<int16_t>& rows, int16_t* expected_sums,
                          int16_t* answer_sums, int blocks);

}  // namespace iiifbench
