// quantile: order statistics with intervals that assume nothing about the distribution.
//
// Quantile: linear interpolation of order statistics, h = (n - 1) p (type 7 of Hyndman and Fan,
// 1996). Interval: the order statistics l and u whose binomial coverage P(l <= B < u), B ~ Bin(n,
// p), is at least the level (Conover, Practical Nonparametric Statistics, 3.2). Refused where n is
// too small: an interval from the extremes would claim too much.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace iiifbench {

struct Interval {
  double low = 0;
  double high = 0;
};

// CHECKs that there is a sample and 0 <= p <= 1.
double Quantile(std::span<const double> samples, double p);
inline double Median(std::span<const double> samples) { return Quantile(samples, 0.5); }
// Empty when the samples cannot support it: n = 5 for a median at 0.9, n = 6 at 0.95.
std::optional<Interval> QuantileInterval(std::span<const double> samples, double p,
                                         double level = 0.95);

}  // namespace iiifbench
