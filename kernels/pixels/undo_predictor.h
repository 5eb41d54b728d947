// undo_predictor: a running sum along a row, which undoes TIFF's horizontal differencing.
//
// Formula: to[x, c] = from[x, c] + to[x - 1, c] modulo 256 (TIFF 6.0 clause 14, predictor 2).
// Shapes: `width` pixels of `channels` samples (1 or 3); `from` and `to` may be the same.
// Why it is faster: the sum of 16 bytes takes log2 steps of shift and add instead of a chain of
// additions; only the carry from vector to vector is serial. Bound: that carry, two instructions
// per 15 or 16 bytes.
#pragma once

#include <cstdint>

namespace iiifbench {

void UndoPredictor(const uint8_t* from, uint8_t* to, int width, int channels);
void UndoPredictorScalar(const uint8_t* from, uint8_t* to, int width, int channels);

}  // namespace iiifbench
