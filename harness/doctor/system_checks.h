// system_checks: what the kernel says of processors, quotas, rights and memory.
//
// Sources: /proc and /sys (proc(5), Documentation/admin-guide/pm/cpufreq.rst, cgroup-v2.rst of
// Linux), under another root for tests. Reads only; a file that is absent is Grade::kUnknown.
#pragma once

#include "harness/doctor/check.h"

namespace iiifbench {

// In this order: governor, turbo, cores, load, quota, memory, swap, clock-source, perf,
// descriptors, emulation.
std::vector<Check> SystemChecks(const std::string& root = "");

}  // namespace iiifbench
