// timing_checks: does the same work take the same time here, and does a timer wake when it should?
//
// Steal: share of processor time that the hypervisor gave to others (/proc/stat). Speed: one kernel
// (a resize of 1 Mpx in cache) again and again, for `seconds`; spread = p90 / p10 of its times; two
// speeds = the later half's median against the earlier half's. Timer: how late a sleep of 1 ms
// ends, p99. Units: seconds, milliseconds. Threads: one, which is busy meanwhile.
#pragma once

#include <atomic>

#include "harness/doctor/check.h"

namespace iiifbench {

struct TimingOptions {
  double seconds = 3;
  const std::atomic<bool>* stop = nullptr;
};
// In this order: steal, speed, timer, simd.
std::vector<Check> TimingChecks(const TimingOptions& options);

// The grades, of figures: for tests.
Check GradeSpeed(double spread, double second_half_to_first);
Check GradeSteal(double share);
Check GradeTimer(double p99_late_ms);

}  // namespace iiifbench
