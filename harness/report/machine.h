// machine: what a measurement must say about where it was made, and what disturbed it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/findings/finding.h"

namespace iiifbench {

// Fields "cpu", "cores", "memory_gb", "kernel", "governor" ("unreadable" in most virtual machines),
// "simd", "load".
nlohmann::json DescribeMachine();
// A short name for folders: the processor's, lower case: "amd-epyc-9b45".
std::string MachineName();

// Jiffies of /proc/stat, pages swapped and the governor of the first processor, read at the start
// and at the end of a run.
struct Disturbance {
  int64_t steal = 0, total = 0, swapped = 0;
  std::string governor;  // empty: unreadable
  static Disturbance Now();
};
// Reasons why a run is not reportable: steal above 2 %, swapping, a governor other than
// "performance", or one that changed. An unreadable governor is no reason: most virtual machines
// show none.
std::vector<Finding> Disturbed(const Disturbance& before, const Disturbance& after);

}  // namespace iiifbench
