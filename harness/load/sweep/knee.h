// knee: where a sweep of loads bends, with its interval; or why that cannot be said.
//
// Rates: the knee lies between the greatest rate that is surely before it (as are all below) and
// the least that is surely beyond: there the 95 % interval of the median lies above twice that of
// one client alone, or fewer answers came than 95 % of the rate less two standard deviations of a
// Poisson count. Reported is the least rate beyond; [low, high] is the gap. Clients: usl.h, with
// its interval. Refused, with the reason and what to try: no rate on one side; no knee in the law;
// no interval, or one wider than a factor of 3 (three loads fit three parameters: then the slices'
// noise alone tells); a knee beyond twice the greatest load.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "harness/findings/finding.h"
#include "harness/stats/usl.h"

namespace iiifbench {

struct Knee {
  std::optional<double> at;  // clients, or requests per second
  Interval interval;
  std::string how;
  std::optional<Finding> refused;  // why there is none, and what to try
};

struct RatePoint {
  double rate = 0, throughput = 0, seconds = 0;
  Interval median;  // ms
};
// `alone_ms`: the median of one client; 0 when it is unknown.
Knee RateKnee(std::span<const RatePoint> points, double alone_ms);
Knee ClientsKnee(std::span<const UslPoint> points, const UslFit& fit);

}  // namespace iiifbench
