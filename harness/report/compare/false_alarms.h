// false_alarms: how often `compare` calls two runs of the same code different, on this machine,
// with real timings.
//
// Each comparison times the same three kernels (resize, JPEG decode, JPEG encode of small pictures)
// as A and as B, `rounds` times each, and judges them as `iiifbench compare` does; a verdict on any
// of the three is a false alarm. Twice: in interleaved rounds of random order, and A wholly before
// B. Units: milliseconds.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "harness/stats/compare.h"
#include "kernels/image/result.h"

namespace iiifbench {

struct FalseAlarmOptions {
  int comparisons = 200;
  int rounds = 15;
  uint64_t seed = 1;
  CompareOptions compare;
  std::function<void(const std::string&)> progress;
  const std::atomic<bool>* stop = nullptr;
};
struct FalseAlarms {
  int comparisons = 0;  // of each design; fewer than asked for when stopped
  int interleaved = 0, one_after_other = 0;
  int found_interleaved = 0,
      found_one_after_other = 0;  // of as many with B's timings made 10 % longer
};
Result<FalseAlarms> MeasureFalseAlarms(const FalseAlarmOptions& options);
std::string FalseAlarmsToText(const FalseAlarms& measured);

}  // namespace iiifbench
