// timed_run: what was timed, case by case: one side of a comparison.
//
// Units: milliseconds.
#pragma once

#include <string>
#include <vector>

namespace iiifbench {

struct TimedCase {
  std::string name;
  std::vector<double> ms;          // in the order measured
  std::vector<double> control_ms;  // empty: none
  // The same thing once more, in the same rounds as `ms`; empty: none.
  std::vector<double> again_ms;
};
struct TimedRun {
  std::string title;
  std::vector<TimedCase> cases;
  std::vector<std::string> warnings;  // "NOT REPORTABLE: ..."
};

}  // namespace iiifbench
