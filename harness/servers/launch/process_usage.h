// process_usage: what processes have used, by the kernel's own count.
//
// Sums over process trees: times from /proc/<pid>/task/<tid>/schedstat, faults from
// /proc/<pid>/stat with those of ended children, memory from VmHWM of /proc/<pid>/status (the sum
// of each one's peak, at least their common one), written bytes from /proc/<pid>/io. Units:
// milliseconds, MB of 10^6 bytes. Errors: none; a process that is gone counts nothing.
#pragma once

#include <vector>

namespace iiifbench {

struct ProcessUsage {
  double on_cpu_ms = 0;
  double run_queue_ms = 0;  // ready, without a core
  // Page faults; those that read a disk; those of children that have ended, in both.
  double faults = 0, major_faults = 0, child_faults = 0;
  double written_mb = 0;  // pages of files that became dirty; sockets and pipes have none
  double peak_memory_mb = 0;
};
// Of the processes, and of all that they started.
ProcessUsage UsageOf(const std::vector<int>& process_ids);

// From here on peak_memory_mb is the peak since this call ("5" into /proc/<pid>/clear_refs). False
// where that is not allowed: then it is the peak since each process began.
bool ForgetPeaks(const std::vector<int>& process_ids);

// Processor time of the calling thread, seconds.
double ThreadSeconds();

}  // namespace iiifbench
