#include "harness/attribution/fit/request_total.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/bootstrap.h"

namespace iiifbench {
namespace {

double Variance(Stage stage, double ms, const ErrorSize& size) {
  if (stage == Stage::kNetwork) return 0;
  const double constant = stage == Stage::kOverhead ? size.constant : 0;
  return size.kernel * size.kernel * ms * ms + constant * constant;
}

}  // namespace

double SumError(const StageMap<double>& stages, double total_ms, const ErrorSize& size) {
  double variance = kRestError * total_ms * kRestError * total_ms;
  for (const auto& [stage, ms] : stages) variance += Variance(stage, ms, size);
  return std::sqrt(variance);
}

StageMap<double> GivenTotal(const StageMap<double>& stages, double total_ms,
                            const ErrorSize& size) {
  double sum = 0, variance = 0;
  for (const auto& [stage, ms] : stages) sum += ms, variance += Variance(stage, ms, size);
  StageMap<double> out = stages;
  if (variance <= 0) return out;
  const double rest = kRestError * total_ms;
  const double most = kMostDeviations * std::sqrt(variance);
  const double shared = std::clamp(total_ms - sum, -most, most) / (variance + rest * rest);
  for (auto& [stage, ms] : out) ms = std::max(0.0, ms + shared * Variance(stage, ms, size));
  return out;
}

StageMap<double> Disturbed(const StageMap<double>& stages, std::mt19937_64& random,
                           const ErrorSize& size) {
  StageMap<double> out = stages;
  for (auto& [stage, ms] : out) {
    ms = std::max(0.0, ms + NormalDraw(random) * std::sqrt(Variance(stage, ms, size)));
  }
  return out;
}

}  // namespace iiifbench
