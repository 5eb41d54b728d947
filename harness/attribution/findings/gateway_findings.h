// gateway_findings: what stands between us and the server, by what it does to the answers: a
// gateway that delays them to a rate, back ends that are unequal, a cache that knew the picture
// before we came, and Nagle's algorithm against delayed acknowledgements (RFC 896; RFC 1122,
// 4.2.3.2).
//
// Stands on the exchanges alone: also where nothing could be fitted.
//   Paced: the latency falls by as much as we waited before asking: the slope of latency over that
//   gap is -1, where work has a slope of 0.
//   Two speeds: latencies over the fastest of the same request fall into two groups with nothing
//   between, apart by a share that is the same for fast and slow requests.
//   Delayed: a kept connection's answers are later than a fresh one's, all of them, by what Linux
//   delays an acknowledgement (40 ms); a new connection's first ones are not delayed.
#pragma once

#include "harness/attribution/model/attribution.h"
#include "harness/attribution/model/observed.h"

namespace iiifbench {

void AddGatewayFindings(const Observed& observed, Attribution& attribution);

}  // namespace iiifbench
