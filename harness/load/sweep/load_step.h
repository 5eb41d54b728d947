// load_step: one point of a sweep: a load of clients or of a rate, what came, and what the server
// used for it.
//
// Requests are a workload's, in its order by seed. The client's processor time is that of the
// thread that sends. Units: milliseconds, MB of 10^6 bytes. Errors: none; what failed is in the
// point, and why it may not be reported.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "harness/load/generator/body_check.h"
#include "harness/load/generator/load_point.h"
#include "harness/load/target/load_target.h"

namespace iiifbench {

class SweepLog;

struct SweepOptions {
  std::string connections = "reuse";  // "fresh", "http2"
  double seconds = 10, warm_up = 2;   // of each point
  double timeout = 30;                // seconds, of a request
  double check_seconds = 5;           // for decoding and comparing answers, after each point
  double speed = 1;                   // of a log: so many times as fast
  int slots = 64;                     // connections of an open loop
  bool constant = false;              // even gaps of an open loop, not Poisson arrivals
  uint64_t seed = 1;
  std::string ca_file;  // certificates to trust; empty: the system's, or IIIFBENCH_CA_FILE
  // Keeps the samples of each point while it runs; a point goes on from what it has of earlier
  // sittings. May be null.
  SweepLog* log = nullptr;
  const std::atomic<bool>* stop = nullptr;
};

// What /proc says about the servers that we started, of one point with its warm-up.
struct ServerUse {
  double cpu_ms = 0, run_queue_ms = 0;   // per request
  std::optional<double> peak_memory_mb;  // of this point; none where the kernel does not tell it
};

struct LoadStep {
  double load = 0;  // clients or rate
  LoadPoint point;
  BodyCheck check;
  int64_t kept_one_in = 1;
  std::optional<ServerUse> server;
  double client_cpu = 0;  // ours, of one core
  int sittings = 1;       // that measured a part of it; bodies are checked in the last one only
};
LoadStep MeasureStep(const SweepOptions& options, const LoadTarget& target,
                     const Workload& workload, double load, bool by_rate);

}  // namespace iiifbench
