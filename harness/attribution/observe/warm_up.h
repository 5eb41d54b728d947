// warm_up: is a server still getting faster? Of the latencies of requests alike, in the order of
// asking.
//
// What is looked at is the last half of the series, because the first may fall as it likes: its two
// halves by their medians, and by Mann-Whitney's test whether that is more than their scatter. Two
// short windows that agree within 7 % are no sign: a virtual machine that needs 2,000 requests (30
// -> 6 ms) falls by less from one dozen to the next. Warm: the fall is below kStillFalling, or
// within the scatter. Units: any, alike. Threads: none.
#pragma once

#include <cstddef>
#include <span>

namespace iiifbench {

constexpr double kStillFalling = 0.05;  // from the third quarter of the series to the fourth
constexpr double kByChance = 0.01;      // p of Mann and Whitney, two-sided
constexpr size_t kLeastSeries = 24;     // shorter ones say nothing

struct WarmUpTrend {
  bool falling = false;
  double fall = 0;  // share of the third quarter's median; negative: slower
};
WarmUpTrend TrendOf(std::span<const double> latencies);

}  // namespace iiifbench
