// A number from [0, 1), each multiple of 2^-53 alike: raw output, so that a seed says the same with
// every standard library.
#pragma once

#include <random>

namespace iiifbench {

inline double Uniform(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11) * 0x1p-53;
}

}  // namespace iiifbench
