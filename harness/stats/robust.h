// robust: scales that a few wild values do not move, and a median with its error.
//
// MadScale: 1.4826 times the median distance from the median: the standard deviation of a normal
// sample (Hampel 1974). HuberScale: Huber's second proposal (Robust Statistics 1981, 6.4) of
// numbers around 0, squares counted up to `most` scales. MedianError: of the middle half, which
// is 1.349 deviations wide; a median errs 1.253 times as much as a mean. NoiseFloor: the least
// saving that a trial can tell from none. It asks three arms in turn: as it is, changed, and as it
// is once more. The floor is the larger of what the two unchanged arms differ by and 95 % of the
// error of a difference of two medians. Units: those of the samples. Shapes: MedianError and
// NoiseFloor want samples, the others yield 0 of none. Errors, threads: none.
#pragma once

#include <span>
#include <vector>

namespace iiifbench {

constexpr double kMadToDeviation = 1.4826;

// The median distance from the median, as it is.
double MedianDistance(std::span<const double> samples);
inline double MadScale(std::span<const double> samples) {
  return kMadToDeviation * MedianDistance(samples);
}
double HuberScale(std::span<const double> values, double most);
// The standard error of the median of samples of a normal middle.
double MedianError(std::span<const double> samples);
double NoiseFloor(std::span<const double> before, std::span<const double> after,
                  std::span<const double> control);

}  // namespace iiifbench
