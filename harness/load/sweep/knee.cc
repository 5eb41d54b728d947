#include "harness/load/sweep/knee.h"

#include <algorithm>
#include <cmath>

#include "harness/load/generator/load_point.h"

namespace iiifbench {
namespace {

constexpr double kLate = 2;      // times one client alone
constexpr double kWidest = 3;    // high / low of an interval that says anything
constexpr double kFarthest = 2;  // times the greatest load tried

Knee Refused(FindingName name, const std::string& why) { return {.refused = Finding(name, why)}; }

}  // namespace

Knee RateKnee(std::span<const RatePoint> points, double alone_ms) {
  std::vector<RatePoint> rates(points.begin(), points.end());
  std::ranges::sort(rates, {}, &RatePoint::rate);
  if (rates.empty())
    return Refused("no-knee-without-medians", "no rate has a median with an interval");
  double before = 0;
  bool all_before = true;
  for (const RatePoint& point : rates) {
    const bool behind = FallsBehind(point.rate, point.throughput, point.seconds);
    if (behind || (alone_ms > 0 && point.median.low > kLate * alone_ms)) {
      if (before == 0)
        return Refused(
            "no-knee-above-rates",
            fmt::format("{:g} requests per second are beyond it, and no rate that was tried is "
                        "surely before it: try lower ones",
                        point.rate));
      return {.at = point.rate,
              .interval = {before, point.rate},
              .how =
                  "the least rate tried that is surely beyond it: the median is above twice "
                  "that of one client, or less than 95 % of the rate is answered; low is the "
                  "greatest before which all are not"};
    }
    all_before = all_before && (alone_ms <= 0 || point.median.high <= kLate * alone_ms);
    if (all_before) before = point.rate;
  }
  return Refused(
      "no-knee-below-rates",
      fmt::format("no rate that was tried, up to {:g} requests per second, is surely beyond it: "
                  "try higher ones",
                  rates.back().rate));
}

Knee ClientsKnee(std::span<const UslPoint> points, const UslFit& fit) {
  double most = 0;
  for (const UslPoint& point : points) most = std::max(most, point.clients);
  if (!fit.knee) return Refused("no-knee-in-law", "the fitted law does not bend: try more clients");
  if (!fit.knee_interval)
    return Refused(
        "no-knee-in-resamples",
        fmt::format(
            "{} loads do not hold it: many resamples have none; measure longer, or more loads",
            points.size()));
  const Interval interval = *fit.knee_interval;
  if (interval.high > kWidest * std::max(interval.low, 1e-9))
    return Refused(
        "knee-too-wide",
        fmt::format("anywhere from {:.3g} to {:.3g} clients by {} loads; measure longer, or more "
                    "loads",
                    interval.low, interval.high, points.size()));
  if (*fit.knee > kFarthest * most)
    return Refused(
        "knee-beyond-loads",
        fmt::format("the law would bend at {:.3g} clients, and {:g} at most were tried: try more",
                    *fit.knee, most));
  std::string how =
      "where the line of one client's throughput meets the greatest of the fitted law";
  if (points.size() <= 3)
    how += "; three loads fit its three parameters: the interval is of the noise, not of the law";
  return {.at = *fit.knee, .interval = interval, .how = how};
}

}  // namespace iiifbench
