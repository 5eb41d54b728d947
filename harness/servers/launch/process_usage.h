// process_usage: what process trees have used of the machine so far, by /proc.
//
// Sums: times from /proc/<pid>/task/<tid>/schedstat, faults from /proc/<pid>/stat with those of
// ended children, memory from VmHWM of /proc/<pid>/status, written bytes from /proc/<pid>/io.
// A process that is gone counts nothing. Units: milliseconds, counts, MB of 10^6 bytes.
#pragma once

#include <vector>

namespace iiifbench {

struct ProcessUsage {
  double on_cpu_ms = 0;
  double run_queue_ms = 0;  // ready, but without a processor
  double faults = 0, major_faults = 0, child_faults = 0;
  double file_mb = 0;      // written to files
  double peak_rss_mb = 0;  // the largest so far
  static ProcessUsage Of(const std::vector<int>& process_ids);
};
// Of the calling thread: its processor time and its wait for a core, nothing else.
ProcessUsage OfThisThread();

// From here on peak_rss_mb is the peak since this call ("5" into /proc/<pid>/clear_refs). False
// where that is not allowed: then it is the peak since each process began.
bool ForgetPeaks(const std::vector<int>& process_ids);

// Processor time of the calling thread, seconds.
double ThreadSeconds();

}  // namespace iiifbench
