#include "harness/stats/milliseconds.h"

#include <fmt/format.h>

#include <cmath>

namespace iiifbench {

std::string MsText(double ms, double half_width) {
  const double size = std::abs(ms);
  const int digits = half_width >= 5 || size >= 99.95     ? 0
                     : half_width >= 0.5 || size >= 9.995 ? 1
                                                          : 2;
  return fmt::format("{:.{}f}", ms, digits);
}

}  // namespace iiifbench
