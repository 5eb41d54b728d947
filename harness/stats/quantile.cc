#include "harness/stats/quantile.h"

#include <algorithm>
#include <cmath>

#include "kernels/image/result.h"

namespace iiifbench {

namespace {

// A comparison of its own: its sort is compiled here, optimised as this room is, and not another
// file's copy.
std::vector<double> Sorted(std::span<const double> samples) {
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end(), [](double a, double b) { return a < b; });
  return sorted;
}

}  // namespace

double Quantile(std::span<const double> samples, double p) {
  IIIFBENCH_CHECK(!samples.empty() && p >= 0 && p <= 1, "{} samples, p = {}", samples.size(), p);
  const std::vector<double> sorted = Sorted(samples);
  const double h = static_cast<double>(sorted.size() - 1) * p;
  const auto below = static_cast<size_t>(h);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (h - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

std::optional<Interval> QuantileInterval(std::span<const double> samples, double p, double level) {
  const auto n = static_cast<int>(samples.size());
  if (n == 0) return std::nullopt;
  // Binomial probabilities by logarithms: n may be large.
  std::vector<double> cumulative(static_cast<size_t>(n) + 1);
  double sum = 0;
  for (int k = 0; k <= n; ++k) {
    sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) +
                    k * std::log(p) + (n - k) * std::log1p(-p));
    cumulative[static_cast<size_t>(k)] = sum;
  }
  // Widen around the quantile's own rank, on the side that adds more, until the coverage is
  // reached. Ranks are 1-based: the interval [x_l, x_u] covers with P(l <= B <= u - 1).
  const int centre = std::clamp(static_cast<int>(std::floor(n * p)), 1, n);
  int low = centre, high = std::min(centre + 1, n);
  auto coverage = [&](int l, int u) {
    return cumulative[static_cast<size_t>(u - 1)] - cumulative[static_cast<size_t>(l - 1)];
  };
  while (coverage(low, high) < level) {
    const bool can_low = low > 1, can_high = high < n;
    if (!can_low && !can_high) return std::nullopt;
    if (can_low && (!can_high || coverage(low - 1, high) >= coverage(low, high + 1))) {
      --low;
    } else {
      ++high;
    }
  }
  const std::vector<double> sorted = Sorted(samples);
  return Interval{sorted[static_cast<size_t>(low - 1)], sorted[static_cast<size_t>(high - 1)]};
}

}  // namespace iiifbench
