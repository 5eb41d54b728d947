// evidence: what a server says or shows of a request by itself: Server-Timing, its log, its
// processor time.
//
// Each adapter adds one sample per stage to the method's samples; kTotal stands for the server's
// own total. Units: milliseconds; of ProcessUsage as its header says.
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

// Of the time between; the largest memory so far.
ProcessUsage UsedBetween(const ProcessUsage& before, const ProcessUsage& after);

}  // namespace iiifbench
