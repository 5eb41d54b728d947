// budget: how the time of a study is shared by its file types, and what fits into a share.
//
// Share: what is left of the time, by the weights of the file types that are still to be measured; never
// below zero. Round plan: the costliest requests are left out until one round of the others fits, but for the
// cheapest, which is always asked; the rounds are as many as fit then. Units: seconds.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace iiifbench {

// `weight` of `all_weights`; all of it when there are none.
double ShareOfTime(double left, double weight, double all_weights);

struct RoundPlan {
  int rounds = 0;                // 1 to `wanted`
  double round_seconds = 0;      // of what is asked
  std::vector<size_t> left_out;  // requests, by index, in order
};
// `request_seconds`: one ask of each by all servers. CHECKs that there is a request and wanted > 0.
RoundPlan PlanRounds(std::span<const double> request_seconds, double left, int wanted);

}  // namespace iiifbench
