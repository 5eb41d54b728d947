#include "harness/attribution/fitting/request_total.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/bootstrap.h"
#include "harness/stats/uniform.h"

namespace iiifbench {
namespace {

double Variance(const std::string& stage, double ms) {
  if (stage == "network") return 0;
  const double constant = stage == "overhead" ? kConstantError : 0;
  return kKernelError * kKernelError * ms * ms + constant * constant;
}

}  // namespace

std::map<std::string, double> GivenTotal(const std::map<std::string, double>& stages, double total_ms) {
  double sum = 0, variance = 0;
  for (const auto& [stage, ms] : stages) sum += ms, variance += Variance(stage, ms);
  std::map<std::string, double> out = stages;
  if (variance <= 0) return out;
  const double rest = kRestError * total_ms;
  const double most = kMost * std::sqrt(variance);
  const double shared = std::clamp(total_ms - sum, -most, most) / (variance + rest * rest);
  for (auto& [stage, ms] : out) ms = std::max(0.0, ms + shared * Variance(stage, ms));
  return out;
}

std::map<std::string, double> Disturbed(const std::map<std::string, double>& stages,
                                        std::mt19937_64& random) {
  std::map<std::string, double> out = stages;
  for (auto& [stage, ms] : out) {
    const double uniform = Uniform(random) + 0x1p-54;  // neither 0 nor 1
    ms = std::max(0.0, ms + NormalQuantile(uniform) * std::sqrt(Variance(stage, ms)));
  }
  return out;
}

}  // namespace iiifbench
