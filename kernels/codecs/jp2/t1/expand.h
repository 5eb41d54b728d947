// jp2/t1/expand: bit-planes of a code-block to the samples of a band.
//
// Formula: with the magnitude planes b_k, the half step h and the sign s, a sample is
// (-1)^s (sum 2 b_k 2^k + h) / 2, truncated (5/3) or times the quantiser's step (9/7, T.800 E-6
// with r = 1/2).
//
// Shapes: a word holds 8 columns of a stripe of 4 rows: bit 6 (column + 1) + row + 1, see
// core-inl.h. Why: planes of one bit are what the passes write fastest; eight of them are folded
// into nibbles and unfolded with seven operations for eight samples. Memory: 16 KB of stack.
// Threads: reentrant.
#pragma once

#include <array>

#include "kernels/codecs/jp2/t1/code_block.h"

namespace iiifbench::jp2 {

struct BitPlanes {
  std::array<const uint64_t*, kMostPlanes + 2> planes{};  // [0]: half steps, then upwards
  int count = 0;
  int shift = 0;  // of planes[0], in half samples
  const uint64_t* negative = nullptr;
  ptrdiff_t first = 0;   // word of the first stripe
  ptrdiff_t stripe = 0;  // words from stripe to stripe
  ptrdiff_t lane = 1;    // 64-bit numbers from word to word
};
void ExpandBlock(const BitPlanes& bits, const CodeBlock& block);
void ExpandBlockScalar(const BitPlanes& bits, const CodeBlock& block);

}  // namespace iiifbench::jp2
