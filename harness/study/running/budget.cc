#include "harness/study/running/budget.h"

#include <algorithm>
#include <numeric>

#include "kernels/image/result.h"

namespace iiifbench {

double LeastOfAll(std::span<const TimeNeed> needs) {
  return std::accumulate(needs.begin(), needs.end(), 0.0,
                         [](double sum, const TimeNeed& need) { return sum + need.least; });
}

double ShareOfTime(double left, std::span<const TimeNeed> needs, size_t which) {
  IIIFBENCH_CHECK(which < needs.size(), "share {} of {}", which, needs.size());
  if (left <= 0) return 0;
  const double least = LeastOfAll(needs);
  if (least >= left) return left * needs[which].least / least;
  double weights = 0;
  for (const TimeNeed& need : needs) weights += need.weight;
  const double part =
      weights > 0 ? needs[which].weight / weights : 1 / static_cast<double>(needs.size());
  return needs[which].least + (left - least) * part;
}

RoundPlan PlanRounds(std::span<const double> request_seconds, double left, int wanted) {
  IIIFBENCH_CHECK(!request_seconds.empty() && wanted > 0, "{} requests, {} rounds",
                  request_seconds.size(), wanted);
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
