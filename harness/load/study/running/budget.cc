#include "harness/load/study/running/budget.h"

#include <algorithm>
#include <numeric>

#include "kernels/image/result.h"

namespace iiifbench {

double ShareOfTime(double left, double weight, double all_weights) {
  return std::max(0.0, left) * (all_weights > 0 ? std::clamp(weight / all_weights, 0.0, 1.0) : 1);
}

RoundPlan PlanRounds(std::span<const double> request_seconds, double left, int wanted) {
  IIIFBENCH_CHECK(!request_seconds.empty() && wanted > 0, "{} requests, {} rounds", request_seconds.size(),
                  wanted);
  std::vector<size_t> cheapest_first(request_seconds.size());
  std::iota(cheapest_first.begin(), cheapest_first.end(), size_t{0});
  std::ranges::stable_sort(cheapest_first, {}, [&](size_t i) { return request_seconds[i]; });
  RoundPlan plan;
  for (const size_t i : cheapest_first) {
    const double with = plan.round_seconds + request_seconds[i];
    if (i == cheapest_first.front() || (plan.left_out.empty() && with <= left)) {
      plan.round_seconds = with;
    } else {
      plan.left_out.push_back(i);
    }
  }
  std::ranges::sort(plan.left_out);
  const double fit = plan.round_seconds > 0 ? left / plan.round_seconds : wanted;
  plan.rounds = static_cast<int>(std::clamp(fit, 1.0, static_cast<double>(wanted)));
  return plan;
}

}  // namespace iiifbench
