#include "harness/attribution/observe/warm_up.h"

#include "harness/stats/quantile.h"
#include "harness/stats/rank_test.h"

namespace iiifbench {

WarmUpTrend TrendOf(std::span<const double> latencies) {
  if (latencies.size() < kLeastSeries) return {};
  const size_t quarter = latencies.size() / 4;
  const auto last = latencies.last(quarter);
  const auto before = latencies.last(2 * quarter).first(quarter);
  WarmUpTrend trend{.fall = 1 - Median(last) / Median(before)};
  trend.falling = trend.fall > kStillFalling && MannWhitney(last, before).p < kByChance;
  return trend;
}

}  // namespace iiifbench
