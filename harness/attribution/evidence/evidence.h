// evidence: what a server says or shows of a request by itself: Server-Timing, its log, its
// processor time.
//
// Each adapter adds one sample per stage to the method's samples; "total" stands for the server's
// own total, "cpu" and "run-queue" for processor time and the time it was ready but did not run.
// Units: milliseconds; "faults" counts page faults of a request, "major-faults" those that read a
// disk, "child-faults" those of them in processes that ended; "peak-rss-mb" is the largest memory
// of the process tree so far, "file-mb" what was written to files, in MB of 10^6 bytes.
#pragma once

#include <string>
#include <vector>

#include "harness/attribution/model/observed.h"
#include "harness/http/client.h"
#include "harness/servers/launch/process_usage.h"
#include "harness/servers/server.h"

namespace iiifbench {

void TakeServerTiming(const Exchange& exchange, StageSamples& samples);
void TakeLog(const std::vector<LoggedRequest>& log, StageSamples& samples);

void TakeCpu(const ProcessUsage& before, const ProcessUsage& after, StageSamples& samples);

}  // namespace iiifbench
