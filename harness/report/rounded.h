// Milliseconds as results hold them: whole microseconds, as far as a clock on such a machine can be
// believed. And as people read them: no digit that the interval does not support.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace iiifbench {

inline double Rounded(double ms) { return std::round(ms * 1000) / 1000; }

// `half_width` of the interval, where there is one: whole milliseconds from 5 ms on, a tenth from
// 0.5 ms on, else hundredths below 10 ms and tenths above.
inline std::string MsText(double ms, double half_width = 0) {
  const int digits = half_width >= 5 || std::abs(ms) >= 1000   ? 0
                     : half_width >= 0.5 || std::abs(ms) >= 10 ? 1
                                                               : 2;
  return fmt::format("{:.{}f}", ms, digits);
}

}  // namespace iiifbench
