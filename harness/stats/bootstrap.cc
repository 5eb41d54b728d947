#include "harness/stats/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "harness/stats/uniform.h"
#include "kernels/image/result.h"

namespace iiifbench {
namespace {

void Resample(std::span<const double> from, std::mt19937_64& random, std::vector<double>& to) {
  to.resize(from.size());
  for (double& v : to) v = from[random() % from.size()];
}

}  // namespace

double NormalCdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

double NormalQuantile(double p) {
  IIIFBENCH_CHECK(p > 0 && p < 1, "p = {}", p);
  // Bisection: slow and beyond doubt.
  double low = -40, high = 40;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    if (middle == low || middle == high) return middle;
    (NormalCdf(middle) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

Interval BootstrapInterval(std::span<const double> samples, const Statistic& statistic,
                           double level, int resamples, uint64_t seed) {
  IIIFBENCH_CHECK(samples.size() >= 2 && resamples >= 100, "{} samples, {} resamples",
                  samples.size(), resamples);
  const double observed = statistic(samples);
  std::mt19937_64 random(seed);
  std::vector<double> values(static_cast<size_t>(resamples)), again;
  int below = 0, equal = 0;
  for (double& v : values) {
    Resample(samples, random, again);
    v = statistic(again);
    below += v < observed ? 1 : 0;
    equal += v == observed ? 1 : 0;
  }
  const double share =
      std::clamp((below + 0.5 * equal) / resamples, 0.5 / resamples, 1 - 0.5 / resamples);
  const double bias = NormalQuantile(share);
  // Acceleration from the jackknife.
  std::vector<double> left_out;
  std::vector<double> jackknife;
  for (size_t i = 0; i < samples.size(); ++i) {
    left_out.assign(samples.begin(), samples.end());
    left_out.erase(left_out.begin() + static_cast<ptrdiff_t>(i));
    jackknife.push_back(statistic(left_out));
  }
  double mean = 0, cubes = 0, squares = 0;
  for (double j : jackknife) mean += j / static_cast<double>(jackknife.size());
  for (double j : jackknife) {
    cubes += std::pow(mean - j, 3);
    squares += std::pow(mean - j, 2);
  }
  const double acceleration = squares > 0 ? cubes / (6 * std::pow(squares, 1.5)) : 0;
  auto adjusted = [&](double z) {
    return NormalCdf(bias + (bias + z) / (1 - acceleration * (bias + z)));
  };
  const double z = NormalQuantile(0.5 + level / 2);
  return {Quantile(values, adjusted(-z)), Quantile(values, adjusted(z))};
}

Interval RatioOfMediansInterval(std::span<const double> a, std::span<const double> b, double level,
                                int resamples, uint64_t seed) {
  IIIFBENCH_CHECK(!a.empty() && !b.empty(), "{} and {} samples", a.size(), b.size());
  std::mt19937_64 random(seed);
  std::vector<double> ratios(static_cast<size_t>(resamples)), x, y;
  for (double& r : ratios) {
    Resample(a, random, x);
    Resample(b, random, y);
    r = Median(x) / Median(y);
  }
  return {Quantile(ratios, 0.5 - level / 2), Quantile(ratios, 0.5 + level / 2)};
}

double NormalDraw(std::mt19937_64& random) {
  return NormalQuantile(Uniform(random) + 0x1p-54);  // neither 0 nor 1
}

double MedianOfResample(std::span<const double> samples, std::mt19937_64& random) {
  std::vector<double> again;
  Resample(samples, random, again);
  return Median(again);
}

double StudentQuantile(double p, double degrees_of_freedom) {
  const double n = degrees_of_freedom, z = NormalQuantile(p), z3 = z * z * z;
  return z + (z3 + z) / (4 * n) + (5 * z3 * z * z + 16 * z3 + 3 * z) / (96 * n * n);
}

double ExpandedTail(double tail, double n, double degrees_of_freedom) {
  return NormalCdf(-StudentQuantile(1 - tail, degrees_of_freedom) *
                   std::sqrt(n / degrees_of_freedom));
}

}  // namespace iiifbench
