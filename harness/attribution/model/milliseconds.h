// A duration as milliseconds, the unit in which latencies are fitted and told.
#pragma once

#include <chrono>

namespace iiifbench {

inline double Milliseconds(std::chrono::nanoseconds t) {
  return std::chrono::duration<double, std::milli>(t).count();
}

}  // namespace iiifbench
