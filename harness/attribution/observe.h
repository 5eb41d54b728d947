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

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/attribution/answering/resize_pixels.h"
#include "harness/attribution/ladder.h"
#include "harness/attribution/network.h"
#include "harness/attribution/observing/answer_cache.h"
#include "harness/attribution/regressors/hypothesis.h"
#include "harness/attribution/situations/store_reads.h"
#include "harness/servers/server.h"

namespace iiifbench {

struct ObserveOptions {
  std::string url;     // base URL of the image
  std::string source;  // the file behind it
  std::string place;   // folder that the server reads, for the ladder; empty: no ladder
  std::vector<std::string> requests;  // region/size/rotation/quality.format; empty: DefaultRequests
  std::vector<std::string> headers;
  std::chrono::duration<double> budget{60};
  uint64_t seed = 1;
  RunningServer* running = nullptr;  // one that we started: its log and processes
  std::string interposed;            // folder of its preloaded library's counters; empty: none
  StoreTap* tap = nullptr;           // between the server and the store of its sources
  std::function<void(const std::string&)> progress;
  const std::atomic<bool>* stop = nullptr;
};

// Ratios of medians that tell strategies apart before any fit; none where not measured (no ladder,
// a probe that the picture is too small for or that was answered wrongly): comparisons with it are
// false.
struct Signatures {
  std::optional<double>
      second_to_first;                  // without the network; small where a cache answers repeats
  std::optional<double> bottom_to_top;  // far above 1: a sequential decoder
  std::optional<double>
      above_level;  // full one pixel above 1/8 : at 1/8; a step: levels or DCT scaling are used
  std::optional<double> pixel_to_small;  // one pixel of the page : of a 64 px picture; large: work
                                         // on the whole picture
  std::optional<double>
      info_to_small;    // info.json, likewise; above 3: the file is parsed each time
  bool cached = false;  // repeats cost no more than an info.json
  double info_ms = 0;   // of the page, without the network
  std::vector<RepeatedRequest> repeats;
};

struct Observed {
  std::string codec;
  std::unique_ptr<ImageInfo> info;
  Ladder ladder;
  std::vector<Case> cases;
  std::unique_ptr<KernelCosts> costs = std::make_unique<KernelCosts>();  // works hold its address
  std::vector<Hypothesis> hypotheses;                                    // that survived
  std::vector<std::pair<Hypothesis, double>> screened;  // dropped after the core, with their error
  Signatures signatures;
  std::optional<ResizePixels> resize_pixels;  // where answers tell filters
  NetworkCost network;
  std::map<std::string, std::map<std::string, StageSamples>> methods;  // path -> method -> stage
  std::vector<std::string> findings, refusals;
  int rounds = 0;
  // Our own kernels: processor time, and waiting for a core that something else had.
  double own_cpu_ms = 0, own_run_queue_ms = 0;
  double resident_at_start = -1;           // share of the source in the page cache; -1: not known
  std::vector<StoreSample> store_samples;  // of the requests of interest, where there is a tap
  double drift = 0;                        // last half of the rounds against the first, less 1
  int image_answers = 0, wrong_answers = 0;
  bool foreign_encoder = false;
  double seconds = 0;
};

Result<Observed> Observe(const ObserveOptions& options);

}  // namespace iiifbench
