#include "harness/attribution/what_if/noise_floor.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/quantile.h"

namespace iiifbench {

double MedianError(const std::vector<double>& samples_ms) {
  // Of a normal distribution the middle half is 1.349 deviations wide; a median errs 1.253 times as
  // much as a mean.
  const double deviation = (Quantile(samples_ms, 0.75) - Quantile(samples_ms, 0.25)) / 1.349;
  return 1.253 * deviation / std::sqrt(static_cast<double>(samples_ms.size()));
}

double NoiseFloor(const std::vector<double>& before, const std::vector<double>& after,
                  const std::vector<double>& control) {
  const double error =
      std::hypot(std::max(MedianError(before), MedianError(control)), MedianError(after));
  return std::max(std::abs(Median(before) - Median(control)), 1.96 * error);
}

}  // namespace iiifbench
