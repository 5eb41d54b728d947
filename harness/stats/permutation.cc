#include "harness/stats/permutation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace iiifbench {
namespace {

// The ranks of each stratum's levels among the levels of all.
std::vector<std::vector<double>> RanksOf(const std::vector<Stratum>& strata) {
  std::vector<double> all;
  for (const Stratum& s : strata) all.insert(all.end(), s.levels.begin(), s.levels.end());
  std::ranges::sort(all);
  std::vector<std::vector<double>> ranks;
  for (const Stratum& s : strata) {
    ranks.emplace_back();
    for (double level : s.levels) {
      const auto [low, high] = std::ranges::equal_range(all, level);
      ranks.back().push_back(static_cast<double>(low - all.begin()) +
                             static_cast<double>(high - low - 1) / 2);
    }
  }
  return ranks;
}

double SecondAgainstExpected(const std::vector<std::vector<double>>& ranks) {
  double sum = 0;
  for (const auto& r : ranks) {
    const auto half = r.size() / 2;
    const double all = std::accumulate(r.begin(), r.end(), 0.0);
    const auto n = static_cast<double>(r.size()), second = n - static_cast<double>(half);
    sum += std::accumulate(r.begin() + static_cast<std::ptrdiff_t>(half), r.end(), 0.0) -
           all * second / n;
  }
  return sum;
}

}  // namespace

double PermutationP(const std::vector<Stratum>& strata, int orders, uint64_t seed) {
  auto ranks = RanksOf(strata);
  const double came = std::abs(SecondAgainstExpected(ranks));
  std::mt19937_64 random(seed);
  int as_far = 1;
  for (int draw = 0; draw < orders; ++draw) {
    for (auto& r : ranks)
      for (size_t i = r.size(); i > 1; --i) std::swap(r[i - 1], r[random() % i]);
    as_far += std::abs(SecondAgainstExpected(ranks)) >= came - 1e-9 ? 1 : 0;
  }
  return static_cast<double>(as_far) / (orders + 1);
}

double Arrangements(size_t n) {
  const auto all = static_cast<double>(n), half = static_cast<double>(n / 2);
  return std::exp(std::lgamma(all + 1) - std::lgamma(half + 1) - std::lgamma(all - half + 1));
}

}  // namespace iiifbench
