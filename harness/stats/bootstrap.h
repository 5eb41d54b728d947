// bootstrap: intervals by resampling: of any statistic of one sample (BCa) and of a ratio of
// medians.
//
// Formula: bias-corrected and accelerated percentile interval (Efron 1987; Efron and Tibshirani, An
// Introduction to the Bootstrap, 14.3). Randomness: std::mt19937_64 from a seed, raw output only:
// the same interval every time.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <span>

#include "harness/stats/quantile.h"

namespace iiifbench {

using Statistic = std::function<double(std::span<const double>)>;
Interval BootstrapInterval(std::span<const double> samples, const Statistic& statistic,
                           double level = 0.95, int resamples = 2000, uint64_t seed = 1);
// Of Median(a) / Median(b), both resampled (percentile interval).
Interval RatioOfMediansInterval(std::span<const double> a, std::span<const double> b,
                                double level = 0.95, int resamples = 2000, uint64_t seed = 1);

double NormalCdf(double z);
double NormalQuantile(double p);  // the inverse, to 1e-9
double NormalDraw(std::mt19937_64& random);
double MedianOfResample(std::span<const double> samples, std::mt19937_64& random);
// Student's, by Abramowitz and Stegun 26.7.5: to 0.3 % from 10 degrees of freedom on.
double StudentQuantile(double p, double degrees_of_freedom);
// Below which quantile of the replicates a share `tail` of them lies in truth: a bootstrap of n
// observations is too narrow by what a fit took from their scatter, and by Student's tails
// (Hesterberg 2015, What Teachers Should Know about the Bootstrap, 5.3).
double ExpandedTail(double tail, double n, double degrees_of_freedom);

}  // namespace iiifbench
