#include "harness/stats/compare.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "harness/stats/bootstrap.h"
#include "harness/stats/holm.h"
#include "harness/stats/rank_test.h"
#include "kernels/image/result.h"

namespace iiifbench {
namespace {

// Both sides divided by the level of the rounds around: what both share is no difference between
// them.
void RemoveSharedLevel(std::vector<double>& a, std::vector<double>& b) {
  const std::vector<double> x = a, y = b;
  std::vector<double> around;
  for (size_t i = 0; i < x.size(); ++i) {
    around.clear();
    for (size_t j = i < 2 ? 0 : i - 2; j < std::min(x.size(), i + 3); ++j) {
      around.push_back(x[j]);
      around.push_back(y[j]);
    }
    const double level = Median(around);
    a[i] /= level;
    b[i] /= level;
  }
}

// Indices of a circular block bootstrap.
void DrawBlocks(size_t n, size_t block, std::mt19937_64& random, std::vector<size_t>& to) {
  to.clear();
  while (to.size() < n) {
    const size_t start = random() % n;
    for (size_t i = 0; i < block && to.size() < n; ++i) to.push_back((start + i) % n);
  }
}

double MedianAt(std::span<const double> values, const std::vector<size_t>& indices,
                std::vector<double>& scratch) {
  scratch.clear();
  for (size_t i : indices) scratch.push_back(values[i]);
  return Median(scratch);
}

size_t BlockOf(size_t n, double inflation) {
  return std::clamp<size_t>(static_cast<size_t>(std::ceil(inflation)), 1,
                            std::max<size_t>(1, n / 3));
}

// Every second value from `first`.
std::vector<double> EverySecond(std::span<const double> values, size_t first) {
  std::vector<double> out;
  for (size_t i = first; i < values.size(); i += 2) out.push_back(values[i]);
  return out;
}

double LogRatio(std::span<const double> a, std::span<const double> b) {
  return std::log(Median(b) / Median(a));
}

// A/A: halves of one side against each other.
double NoiseOfSide(std::span<const double> side) {
  if (side.size() < 4) return 0;
  const size_t half = side.size() / 2;
  return std::abs(LogRatio(side.first(half), side.subspan(half)));
}

// The ratio of one half of the rounds against that of the other, by time and by turns.
double NoiseOfPairs(std::span<const double> a, std::span<const double> b) {
  if (a.size() < 4) return 0;
  const size_t half = a.size() / 2;
  const double by_time =
      LogRatio(a.first(half), b.first(half)) - LogRatio(a.subspan(half), b.subspan(half));
  const double by_turns = LogRatio(EverySecond(a, 0), EverySecond(b, 0)) -
                          LogRatio(EverySecond(a, 1), EverySecond(b, 1));
  return std::max(std::abs(by_time), std::abs(by_turns));
}

double DampedP(double p, double inflation) {
  if (p >= 1) return 1;
  const double z = -NormalQuantile(std::max(p, 1e-300) / 2) / std::sqrt(inflation);
  return 2 * NormalCdf(-z);
}

// The least p that samples of these sizes can reach.
double LeastP(size_t m, size_t n, double inflation) {
  std::vector<double> low(m), high(n);
  std::iota(low.begin(), low.end(), 0.0);
  std::iota(high.begin(), high.end(), static_cast<double>(m));
  return DampedP(MannWhitney(low, high).p, inflation);
}

}  // namespace

std::string_view ChangeName(Change change) {
  return change == Change::kFaster   ? "faster"
         : change == Change::kSlower ? "slower"
                                     : "no difference";
}

double VarianceInflation(std::span<const double> samples) {
  const size_t n = samples.size();
  if (n < 8) return 1;
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t i, size_t j) { return samples[i] < samples[j]; });
  std::vector<double> rank(n);
  for (size_t i = 0; i < n; ++i)
    rank[order[i]] = static_cast<double>(i) - static_cast<double>(n - 1) / 2;
  double product = 0, square = 0;
  for (size_t i = 0; i < n; ++i) {
    square += rank[i] * rank[i];
    if (i > 0) product += rank[i] * rank[i - 1];
  }
  double r = product / square;
  r += (1 + 4 * r) / static_cast<double>(n);
  r = std::clamp(r, 0.0, 0.9);
  return (1 + r) / (1 - r);
}

Comparison CompareSamples(std::span<const double> a, std::span<const double> b,
                          const CompareOptions& options) {
  IIIFBENCH_CHECK(!a.empty() && !b.empty() && (!options.paired || a.size() == b.size()),
                  "{} and {} samples, paired {}", a.size(), b.size(), options.paired);
  IIIFBENCH_CHECK(*std::ranges::min_element(a) > 0 && *std::ranges::min_element(b) > 0,
                  "timings must be above 0");
  Comparison result{.n_a = a.size(), .n_b = b.size(), .median_a = Median(a), .median_b = Median(b)};
  std::vector<double> x(a.begin(), a.end()), y(b.begin(), b.end());
  if (options.paired) RemoveSharedLevel(x, y);
  result.ratio = Median(y) / Median(x);
  if (options.paired) {
    // What is left of dependence between rounds is in their ratios.
    std::vector<double> ratios_of_rounds(x.size());
    for (size_t i = 0; i < x.size(); ++i) ratios_of_rounds[i] = y[i] / x[i];
    result.inflation = VarianceInflation(ratios_of_rounds);
  } else {
    result.inflation = std::max(VarianceInflation(x), VarianceInflation(y));
  }
  result.p = DampedP(MannWhitney(x, y).p, result.inflation);

  std::mt19937_64 random(options.seed);
  std::vector<double> ratios(static_cast<size_t>(options.resamples)), scratch;
  std::vector<size_t> of_x, of_y;
  for (double& ratio : ratios) {
    DrawBlocks(x.size(), BlockOf(x.size(), result.inflation), random, of_x);
    if (!options.paired) DrawBlocks(y.size(), BlockOf(y.size(), result.inflation), random, of_y);
    ratio = MedianAt(y, options.paired ? of_x : of_y, scratch) / MedianAt(x, of_x, scratch);
  }
  result.interval = {Quantile(ratios, 0.025), Quantile(ratios, 0.975)};
  const double noise =
      options.paired ? NoiseOfPairs(x, y) : std::max(NoiseOfSide(x), NoiseOfSide(y));
  result.noise = std::expm1(std::max(noise, std::abs(std::log(options.control))));
  return result;
}

void JudgeFamily(std::span<Comparison> cases, const CompareOptions& options) {
  std::vector<double> p;
  for (const Comparison& c : cases) p.push_back(c.p);
  const auto family_p = HolmAdjusted(p);
  for (size_t i = 0; i < cases.size(); ++i) {
    Comparison& c = cases[i];
    c.family_p = family_p[i];
    const double size = std::abs(std::log(c.ratio));
    const bool excludes = c.interval.low > 1 || c.interval.high < 1;
    const bool large = size >= std::log1p(options.least_effect) && size > std::log1p(c.noise);
    c.change = Change::kNone;
    if (c.family_p <= options.alpha && excludes && large)
      c.change = c.ratio > 1 ? Change::kSlower : Change::kFaster;
    c.too_few = LeastP(c.n_a, c.n_b, 1) * static_cast<double>(cases.size()) > options.alpha;
  }
}

Interval BinomialInterval(int k, int n, double level) {
  IIIFBENCH_CHECK(n > 0 && k >= 0 && k <= n, "{} of {}", k, n);
  const double tail = (1 - level) / 2;
  auto at_most = [n](int most, double p) {
    double sum = 0;
    for (int i = 0; i <= most; ++i)
      sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(i + 1.0) - std::lgamma(n - i + 1.0) +
                      i * std::log(p) + (n - i) * std::log1p(-p));
    return sum;
  };
  // Both are monotonic in p: bisection.
  auto solve = [](auto&& above) {
    double low = 0, high = 1;
    for (int i = 0; i < 60; ++i) {
      const double middle = (low + high) / 2;
      (above(middle) ? high : low) = middle;
    }
    return (low + high) / 2;
  };
  return {k == 0 ? 0 : solve([&](double p) { return 1 - at_most(k - 1, p) > tail; }),
          k == n ? 1 : solve([&](double p) { return at_most(k, p) < tail; })};
}

}  // namespace iiifbench
