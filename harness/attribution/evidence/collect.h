// collect: the methods that come after the probes of a server that we started, added to what was
// observed.
//
// A method that is not to be had (perf absent, forbidden, a server without processes of ours) is a
// finding that says what to do, never an error: the other methods stand.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "harness/attribution/model/observed.h"
#include "harness/servers/server.h"

namespace iiifbench {

struct CollectOptions {
  std::string url;  // of the image
  RunningServer* running = nullptr;
  std::string folder;       // for temporary files; exists
  std::string folded_file;  // folded stacks are written there; empty: not kept
  std::chrono::duration<double> budget{4};
  const std::atomic<bool>* stop = nullptr;
};

// Method "profile" for every request of interest. Errors: kIo when `folded_file` cannot be written.
Result<void> CollectProfile(const CollectOptions& options, Observed& observed);

}  // namespace iiifbench
