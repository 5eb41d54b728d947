// evidence_truth: what a real server's own log or a profile of it says of a request, and how far an
// attribution is from that.
//
// Shares are compared, not milliseconds: the evidence is gathered after the attribution is
// finished, and the machine need not be as fast as it was. Stages that the evidence does not name
// (IIPSrv's log knows no encode of a scaled region) belong to its overhead, and are compared as one
// with it; so is what the attribution merged. Samples of a profile that no rule names stay in its
// overhead and are told as `unknown_ms`. Threads of a server that work at once have more processor
// time than the latency: the stages are scaled to it, and `work` says how much there was. Units:
// milliseconds, points of the latency.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "harness/attribution/evidence/perf/perf_profile.h"
#include "harness/servers/server.h"
#include "harness/validation/proof/truth.h"

namespace iiifbench {

struct EvidenceTruth {
  std::string method;  // "log", "profile"
  Stages stages;
  double latency_ms = 0;
  double unknown_ms = 0;
  double work = 0;              // processor time over latency, of a profile
  std::vector<Stage> together;  // stages that it does not tell apart
  int samples = 0;              // requests of a log, samples of a profile
};

// One request's evidence as a truth. `latency_ms`: the client's.
EvidenceTruth FromProfile(const PartMap<double>& parts, int samples, double latency_ms);
EvidenceTruth FromLog(const std::vector<LoggedRequest>& entries, double latency_ms);

// Asks each path for about `seconds` and reads the server's log; paths of which it says nothing are
// absent.
std::map<std::string, EvidenceTruth> LogOf(RunningServer& running, const std::string& image_url,
                                           const std::vector<std::string>& paths, double seconds,
                                           const std::atomic<bool>* stop);

struct RealError {
  std::string stages;
  double points = 0, signed_points = 0;
  double merged_ms = 0;  // of the evidence, inside groups that the attribution merged
};
RealError CompareWith(const RequestAttribution& request, const EvidenceTruth& truth);

}  // namespace iiifbench
