#include "harness/attribution/findings/summary.h"

#include <algorithm>
#include <cmath>

namespace iiifbench {
namespace {

constexpr double kOverfull = 0.1;  // of the latency: more than rounding and noise

std::string StageList(const RequestAttribution& request) {
  std::vector<std::pair<double, std::string>> parts;
  for (const auto& group : request.merged) {
    double ms = 0;
    for (Stage stage : group) {
      if (const auto found = request.stages.find(stage); found != request.stages.end())
        ms += found->second.ms;
    }
    parts.emplace_back(ms, fmt::format("{:.1f} {} (not told apart)", ms, JoinedNames(group)));
  }
  for (const auto& stage : request.stages) {
    const Stage name = stage.first;
    const auto& estimate = stage.second;
    if (std::ranges::any_of(request.merged,
                            [&](const auto& group) { return std::ranges::count(group, name) > 0; }))
      continue;
    const double half = (estimate.high - estimate.low) / 2;
    parts.emplace_back(estimate.ms,
                       fmt::format("{:.1f} {}{}", estimate.ms, StageName(name),
                                   half > 0.05 ? fmt::format(" (+-{:.1f})", half) : std::string()));
  }
  std::ranges::sort(parts, std::greater<>());
  std::string list;
  for (const auto& [ms, text] : parts) {
    if (ms >= 0.05) list += (list.empty() ? "" : ", ") + text;
  }
  return list;
}

}  // namespace

size_t Slowest(const std::vector<RequestAttribution>& requests) {
  IIIFBENCH_CHECK(!requests.empty(), "no request");
  return static_cast<size_t>(
      std::ranges::max_element(requests, {}, &RequestAttribution::measured_ms) - requests.begin());
}

std::string SentenceAbout(const RequestAttribution& request, size_t requests) {
  double floor = 0;
  for (const auto& [stage, ms] : request.floor_ms) floor += ms;
  // Never -0.
  const double unexplained = std::round(100 * request.unexplained_ms / request.measured_ms) + 0.0;
  std::string out = fmt::format("p50 of {} is {:.1f} ms", request.path, request.measured_ms);
  if (requests > 1) out += fmt::format(", the slowest of {} requests", requests);
  if (floor > 0)
    out += fmt::format(", {:.1f} times our kernels' {:.1f}", request.measured_ms / floor, floor);
  out += fmt::format(": {}; ", StageList(request));
  if (unexplained >= -100 * kOverfull) {
    out += fmt::format("{:.0f} % unexplained.", unexplained);
  } else {
    out += fmt::format("these sum to {:.0f} % more than was measured, so this split is doubtful.",
                       -unexplained);
  }
  // The stages share what the fit was off by: that it was off is part of the answer.
  if (request.predicted_ms > 0 &&
      std::abs(request.predicted_ms - request.measured_ms) > kOverfull * request.measured_ms)
    out += fmt::format(" The fit alone predicted {:.1f} ms.", request.predicted_ms);
  return out;
}

}  // namespace iiifbench
