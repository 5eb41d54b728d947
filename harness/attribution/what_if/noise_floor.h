// noise_floor: the least saving that a trial can tell from none.
//
// A trial asks three arms in turn: as it is, changed, and as it is once more. The floor is the
// larger of what the two unchanged arms differ by and 95 % of the error of a difference of two
// medians, from the middle half of the samples of each arm, so that pauses do not count. Units:
// milliseconds. Shapes: no arm is empty.
#pragma once

#include <vector>

namespace iiifbench {

// The standard error of the median of samples of a normal middle.
double MedianError(const std::vector<double>& samples_ms);
double NoiseFloor(const std::vector<double>& before, const std::vector<double>& after,
                  const std::vector<double>& control);

}  // namespace iiifbench
