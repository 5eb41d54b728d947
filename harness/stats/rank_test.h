// rank_test: Mann-Whitney U: do two samples come from one distribution?
//
// Exact for small samples without ties (Mann and Whitney 1947, counting by recursion), else the
// normal approximation with tie correction and continuity correction (Lehmann,
// Nonparametrics, 1.3). Two-sided.
#pragma once

#include <span>

namespace iiifbench {

struct RankTest {
  double u = 0;  // of the first sample: pairs in which it is larger, ties by half
  double p = 1;  // two-sided
  bool exact = false;
};
RankTest MannWhitney(std::span<const double> a, std::span<const double> b);

}  // namespace iiifbench
