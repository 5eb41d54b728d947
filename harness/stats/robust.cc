#include "harness/stats/robust.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "harness/stats/bootstrap.h"
#include "harness/stats/quantile.h"

namespace iiifbench {

double MedianDistance(std::span<const double> samples) {
  if (samples.empty()) return 0;
  const double middle = Median(samples);
  std::vector<double> distances;
  for (const double value : samples) distances.push_back(std::abs(value - middle));
  return Median(distances);
}

double HuberScale(std::span<const double> values, double most) {
  if (values.empty()) return 0;
  const double density = std::exp(-most * most / 2) / std::sqrt(2 * std::numbers::pi);
  const double inside = 2 * NormalCdf(most) - 1;
  const double expected = inside - 2 * most * density + most * most * (1 - inside);
  double variance = 1;
  for (int round = 0; round < 50; ++round) {
    double sum = 0;
    for (double value : values) sum += std::min(value * value / variance, most * most);
    variance = std::max(1e-9, variance * sum / static_cast<double>(values.size()) / expected);
  }
  return std::sqrt(variance);
}

double MedianError(std::span<const double> samples) {
  const double deviation = (Quantile(samples, 0.75) - Quantile(samples, 0.25)) / 1.349;
  return 1.253 * deviation / std::sqrt(static_cast<double>(samples.size()));
}

double NoiseFloor(std::span<const double> before, std::span<const double> after,
                  std::span<const double> control) {
  const double error =
      std::hypot(std::max(MedianError(before), MedianError(control)), MedianError(after));
  return std::max(std::abs(Median(before) - Median(control)), 1.96 * error);
}

}  // namespace iiifbench
