// bootstrap: intervals by resampling: of any statistic of one sample (BCa) and of a ratio of
// medians.
//
// Formula: bias-corrected and accelerated percentile interval (Efron 1987; Efron and Tibshirani, An
// Introduction to the Bootstrap, 14.3). Randomness: std::mt19937_64 from a seed, raw output only:
// the same interval every time.
#pragma once

#include <cstdint>
#include <functional>
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

}  // namespace iiifbench
