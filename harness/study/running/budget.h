// budget: how the time of a study is shared by its file types, and what fits into a share.
//
// Share: each file type that is still to be measured first gets what six rounds of it need, because
// fewer give no interval; the rest goes by weight. A time that does not hold that is shared in
// proportion to what is needed. Never below zero. Round plan: the costliest requests are left out
// until one round of the others fits, but for the cheapest, which is always asked; the rounds are
// as many as fit then. Units: seconds.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace iiifbench {

constexpr int kIntervalRounds = 6;  // for an interval of a median at 95 %

struct TimeNeed {
  double least = 0;   // starting, warming up, six rounds
  double weight = 0;  // of what is left after the least of all: a round
};
double LeastOfAll(std::span<const TimeNeed> needs);
// Of needs[which]; CHECKs that it is one of them.
double ShareOfTime(double left, std::span<const TimeNeed> needs, size_t which);

struct RoundPlan {
  int rounds = 0;                // 1 to `wanted`
  double round_seconds = 0;      // of what is asked
  std::vector<size_t> left_out;  // requests, by index, in order
};
// `request_seconds`: one ask of each by all servers. CHECKs that there is a request and wanted > 0.
RoundPlan PlanRounds(std::span<const double> request_seconds, double left, int wanted);

}  // namespace iiifbench
