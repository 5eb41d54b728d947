// real_run: a server that we did not write, attributed from outside, then held against its own log
// and a profile of its processes.
//
// The attribution gets a URL, the file behind it, a folder for the size series and the paths of
// held-out requests: no log, no /proc, no profile. It is finished - fit, stages, merging - before
// any evidence is gathered. Memory: sources are copied to a temporary folder that goes with the
// run. Errors: kIo of a server that does not start, dies or refuses.
#pragma once

#include <atomic>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "data/corpus.h"
#include "harness/servers/server.h"

namespace iiifbench {

struct RealOptions {
  std::chrono::duration<double> probing{20}, logging{4}, profiling{8};  // of one server and recipe
  uint64_t seed = 1;   // of probes and held-out requests
  std::string folder;  // folded stacks go there; empty: not kept
  const std::atomic<bool>* stop = nullptr;
  std::function<void(const std::string&)> progress;
};

// Whether a request's pixels are decoded by another process that the server starts.
bool SpawnsDecoder(const Server& server, const std::string& codec);

// {"server", "version", "recipe", "seconds", "strategy", "findings", "refusals", "requests":
// [{"path", "measured_ms", "estimated", "merged", "evidence": [{"method", "stages", "worst",
// "points", ...}]}]}
Result<nlohmann::json> RunReal(const Server& server, const CorpusEntry& entry,
                               const RealOptions& options);

}  // namespace iiifbench
