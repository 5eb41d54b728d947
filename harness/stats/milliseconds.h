// A duration as milliseconds, the unit in which latencies are measured, fitted and told, and as
// text.
#pragma once

#include <chrono>
#include <string>

namespace iiifbench {

using Milliseconds = std::chrono::duration<double, std::milli>;

inline double MsOf(Milliseconds t) { return t.count(); }
// Since an instant of the steady clock.
inline double MsSince(std::chrono::steady_clock::time_point start) {
  return MsOf(std::chrono::steady_clock::now() - start);
}

// As people read them, with three digits that count: "0.04", "3.81", "38.1", "412"; fewer where the
// interval is `half_width` to either side and does not support them: whole milliseconds from 5 ms
// on, a tenth from 0.5 ms on.
std::string MsText(double ms, double half_width = 0);

}  // namespace iiifbench
