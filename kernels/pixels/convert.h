// convert: stored samples as what an answer is made of: 16 bits to 8, and inks to RGB.
//
// Formulas: a sample v of 16 bits is round(255 v / 65535); without a profile red is
// round((255 - C)(255 - K) / 255), and so on for green and blue of magenta and yellow. Shapes:
// `from` holds `count` samples in the machine's order at any address, or `count` pixels C M Y K;
// `to` the same number of bytes, or of pixels R G B. They do not overlap. Errors: none, every value
// has an answer. Threads: reentrant.
#pragma once

#include <cstdint>

namespace iiifbench {

void NarrowTo8(const uint8_t* from, int64_t count, uint8_t* to);
void NarrowTo8Scalar(const uint8_t* from, int64_t count, uint8_t* to);
void CmykToRgb(const uint8_t* from, int64_t count, uint8_t* to);
void CmykToRgbScalar(const uint8_t* from, int64_t count, uint8_t* to);

}  // namespace iiifbench
