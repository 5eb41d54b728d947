// process_findings: ways of working that show in a server's processes and not in a latency: a
// subprocess per picture, stages that overlap, more threads than cores, memory that is touched
// anew.
//
// From what the processes used (process_usage.h) and from what a server says of its own stages,
// medians per request of interest. A subprocess: page faults of ended children. Overlap: stages or
// processor time of more than kOverlap of the latency. Oversubscribed: threads that were ready
// waited for a core, though one request was asked at a time and our own kernels, on the same
// machine in the same minutes, did not. Memory: page faults that grow with the region, priced at
// the cost of a first touch here. Threads: none.
#pragma once

#include "harness/attribution/model/attribution.h"
#include "harness/attribution/model/observed.h"

namespace iiifbench {

constexpr double kOverlap = 1.15;

// Adds findings; stages that the finding says are one another's are merged in the requests.
void AddProcessFindings(const Observed& observed, Attribution& attribution);

}  // namespace iiifbench
