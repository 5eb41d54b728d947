// Milliseconds as results hold them: whole microseconds, as far as a clock on such a machine can be
// believed.
#pragma once

#include <cmath>

namespace iiifbench {

inline double Rounded(double ms) { return std::round(ms * 1000) / 1000; }

}  // namespace iiifbench
