// waiting: of a latency under load, what is service and what is waiting, and for what: workers or
// cores; and whether a client's own pace is taken for the server's.
//
// Formula: waiting = R - S, S = latency alone. Served at a time = throughput x S (the utilisation
// law): near one where one worker serves all, whatever the clients. Busy cores = throughput x
// processor time per request. A closed loop of n clients without pauses has n in flight; by
// Little's law L = throughput x R, so L well below n means that clients did something else than
// wait, and the throughput is theirs. Units: milliseconds, requests per second. Threads: none.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/findings/finding.h"
#include "harness/http/client.h"

namespace iiifbench {

struct LoadOutcome {
  int clients = 1;
  double service_ms = 0;  // of one client alone; 0: not known
  double latency_ms = 0;  // mean
  double throughput = 0;
  double in_flight = 0;
  double cpu_ms_per_request = 0;  // 0: not known
  int cores = 1;                  // of the machine
};

struct WaitingVerdict {
  double waiting_ms = 0, at_a_time = 0, busy_cores = 0;
  std::vector<Finding> findings, refusals;
};
WaitingVerdict JudgeWaiting(const LoadOutcome& outcome);

// A closed loop that somebody else ran: from each exchange's sending and end. CHECKs that there is
// one.
LoadOutcome OutcomeOf(std::span<const Exchange> exchanges, int clients);

}  // namespace iiifbench
