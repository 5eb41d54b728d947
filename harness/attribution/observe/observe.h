// observe: everything that an attribution looks at: answers of a server to the designed probes, and
// the kernels' costs of the same work, measured in turn.
//
// One client, keep-alive, concurrency 1. Warm-up ends when latencies of distinct requests fall no
// more (warm_up.h). Then signatures, then the core of the design with the kernels of every
// hypothesis that is not too slow; those that explain the core badly are dropped. The requests of
// interest and the rest of the design follow in random order, each request followed by the kernels
// it needs, until the budget is used or `stop`. Every first answer is decoded and compared with our
// own rendering, every later one with the first; a probe with a wrong answer is left out and named.
// Units: milliseconds.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "harness/attribution/model/observed.h"
#include "harness/http/store_tap.h"
#include "harness/servers/server.h"

namespace iiifbench {

class ObservationLog;

// Another picture of the same server.
struct OtherImage {
  std::string url;
  std::string source;  // the file behind it; empty: not at hand, as the page's
};

struct ObserveOptions {
  std::string url;     // base URL of the image
  std::string source;  // the file behind it; empty: not at hand, the picture is fetched
  std::string place;   // folder that the server reads, for the size series; empty: no size series
  // Of other sizes: the size series where none is placed. With files all, or none.
  std::vector<OtherImage> others;
  std::vector<std::string> requests;  // region/size/rotation/quality.format; empty: DefaultRequests
  std::vector<std::string> headers;
  std::chrono::duration<double> budget{60};
  uint64_t seed = 1;
  RunningServer* running = nullptr;  // one that we started: its log and processes
  std::string interposed;            // folder of its preloaded library's counters; empty: none
  StoreTap* tap = nullptr;           // between the server and the store of its sources
  // Keeps each answer when it has come, and has those of earlier sittings; null: none.
  ObservationLog* log = nullptr;
  // Of the fetched picture, where there is no source.
  int max_fetches = 120;
  double max_fetched_megabytes = 120;
  std::function<void(const std::string&)> progress;
  const std::atomic<bool>* stop = nullptr;
};

// How long one answer may take: a server that hangs shall not hold the run longer than its budget.
inline std::chrono::milliseconds PatienceOf(std::chrono::duration<double> budget) {
  return std::chrono::milliseconds(
      static_cast<int64_t>(1e3 * std::clamp(budget.count() / 2, 5.0, 60.0)));
}

Result<Observed> Observe(const ObserveOptions& options);

}  // namespace iiifbench
