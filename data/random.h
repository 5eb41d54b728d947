// Draws for the page generator: raw std::mt19937_64 output only, because the standard fixes those
// bits and leaves the distributions of <random> to each library.
#pragma once

#include <cstdint>
#include <random>

namespace iiifbench {

using Random = std::mt19937_64;

// A whole number in [low, high]. The bias of the modulus (below 2^-40 here) does not matter to a
// picture.
inline int DrawInt(Random& random, int low, int high) {
  return low + static_cast<int>(random() % (static_cast<uint64_t>(high - low) + 1));
}

// A multiple of 2^-32 in [low, low + (high - low)): exact double arithmetic up to one rounding of
// the product.
inline double DrawReal(Random& random, double low, double high) {
  return low + (high - low) * (static_cast<double>(random() >> 32) * 0x1p-32);
}

}  // namespace iiifbench
