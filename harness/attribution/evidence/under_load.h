// under_load: what of a latency is waiting when `clients` ask at once.
//
// Closed loop: every client asks again as soon as it has an answer. waiting = latency under load -
// service (JudgeWaiting, which says too for what: workers or cores); service = the latency of a
// client alone x how much more processor time a request takes when other cores are busy (from
// /proc, where the server is ours; else 1, which counts a busy core's slowness as waiting). Gate:
// Little's law, |rate x latency / clients - 1|
// <= 5 %, over the time in which all clients were asking; a result that fails it is told with its
// reason and is no evidence. Interval: 95 % of a bootstrap over the answers of both sides.
// run_queue_ms: what the server's threads were ready for a request and had no processor. Units:
// milliseconds. Threads: one per client, ended before it returns.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "harness/attribution/model/attribution.h"
#include "harness/servers/server.h"
#include "kernels/image/result.h"

namespace iiifbench {

struct LoadedOptions {
  std::string url;  // of the request
  std::vector<std::string> headers;
  int clients = 4;
  std::chrono::duration<double> budget{3};
  const std::vector<double>* alone_ms = nullptr;  // latencies of one client
  const RunningServer* running = nullptr;
  const std::atomic<bool>* stop = nullptr;
  uint64_t seed = 1;
};

// Errors: kIo when most answers are failures, with the first.
Result<Loaded> AskUnderLoad(const LoadedOptions& options);
std::string Describe(const Loaded& loaded);

}  // namespace iiifbench
