// dct_quantise: what is left of a picture when JPEG has coded it with a table, without the bytes.
//
// Standard: ITU-T T.81, A.3.3 (forward and inverse DCT of 8x8 blocks, level shift of 128) and A.3.4
// (quantisation): each coefficient is made the nearest multiple of its table's step. A side that is
// no multiple of 8 is filled with its last samples. In floats: a decoder in integers is within 1.
// Why it is faster: an encoder and a decoder spend most of their time on Huffman codes, which
// change nothing. Bound: about 270 multiplications of 8 lanes per block.
// Shapes: one channel; `to` of the same size, or the same view. Units: sample values. Errors: a
// step below 1 is taken for 1. Threads: any.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/image/image.h"

namespace iiifbench {

// Steps by frequency, row by row (not in zigzag order).
using DctSteps = std::array<uint16_t, 64>;

void QuantiseDct(ConstPixelView from, PixelView to, const DctSteps& steps);
void QuantiseDctScalar(ConstPixelView from, PixelView to, const DctSteps& steps);

}  // namespace iiifbench
