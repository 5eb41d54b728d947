#include "harness/stats/rank_test.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/stats/bootstrap.h"
#include "kernels/image/result.h"

namespace iiifbench {
namespace {

// Number of arrangements of m and n values with each U, by adding one value at a time: the
// generating function prod_{i=1..m} (1 - q^(n+i)) / (1 - q^i).
std::vector<double> CountArrangements(size_t m, size_t n) {
  std::vector<double> counts(m * n + 1, 0);
  counts[0] = 1;
  for (size_t i = 1; i <= m; ++i) {
    for (size_t u = counts.size(); u-- > n + i;) counts[u] -= counts[u - n - i];
    for (size_t u = i; u < counts.size(); ++u) counts[u] += counts[u - i];
  }
  return counts;
}

constexpr size_t kExactPairs = 2500;

}  // namespace

RankTest MannWhitney(std::span<const double> a, std::span<const double> b) {
  IIIFBENCH_CHECK(!a.empty() && !b.empty(), "{} and {} samples", a.size(), b.size());
  const auto m = static_cast<double>(a.size()), n = static_cast<double>(b.size());
  RankTest test;
  bool ties = false;
  for (double x : a) {
    for (double y : b) {
      test.u += x > y ? 1 : x == y ? 0.5 : 0;
      ties = ties || x == y;
    }
  }
  if (!ties && a.size() * b.size() <= kExactPairs) {
    const auto counts = CountArrangements(a.size(), b.size());
    double total = 0, tail = 0;
    const auto extreme = static_cast<size_t>(std::min(test.u, m * n - test.u));
    for (size_t u = 0; u < counts.size(); ++u) {
      total += counts[u];
      if (u <= extreme) tail += counts[u];
    }
    test.p = std::min(1.0, 2 * tail / total);
    test.exact = true;
    return test;
  }
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  std::ranges::sort(all);
  double correction = 0;
  for (size_t i = 0; i < all.size();) {
    size_t j = i;
    while (j < all.size() && all[j] == all[i]) ++j;
    const auto t = static_cast<double>(j - i);
    correction += t * t * t - t;
    i = j;
  }
  const double size = m + n;
  const double variance = m * n / 12 * (size + 1 - correction / (size * (size - 1)));
  if (variance <= 0) return test;  // all equal
  const double z = (std::abs(test.u - m * n / 2) - 0.5) / std::sqrt(variance);
  test.p = std::min(1.0, 2 * (1 - NormalCdf(std::max(0.0, z))));
  return test;
}

}  // namespace iiifbench
