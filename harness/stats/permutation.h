// permutation: do the second halves of ordered series lie higher or lower than the first, more than
// random orders do?
//
// Statistic: the sum of the second halves' ranks among the levels of all strata, against what it is
// expected to be. Compared with `orders` random orders within each stratum; two-sided; the order
// that came is one of those drawn (Good, Permutation, Parametric and Bootstrap Tests of Hypotheses,
// 2005, 3.3). Ties share the middle of their ranks. Randomness: std::mt19937_64 from a seed. Units:
// none. Errors, threads: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace iiifbench {

struct Stratum {
  std::vector<double> levels;  // in their order
  size_t half() const { return levels.size() / 2; }
};

double PermutationP(const std::vector<Stratum>& strata, int orders, uint64_t seed = 1);
// Ways to choose the second half of n: the least p is 2 / Arrangements(n).
double Arrangements(size_t n);

}  // namespace iiifbench
