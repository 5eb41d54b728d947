// blind_run: one drawn plan: a server with these faults, an attribution that knows none of them,
// the score.
//
// The server is a process of its own. It gets the plan and the truth file; the estimator gets a
// URL, the file behind it, a folder for the size series and the paths that stages are wanted for,
// nothing else. The truth is read after the attribution has been made.
#pragma once

#include <atomic>
#include <memory>

#include "harness/servers/server.h"
#include "harness/validation/proof/drawn_plan.h"

namespace iiifbench {

struct BlindOptions {
  std::string server = "reference";  // or "vips"
  std::string source;                // the file of the plan's recipe
  Size size;                         // of its picture
  std::string work_folder;           // emptied by the caller
  double budget = 10;                // seconds
  bool without_source = false;       // the estimator gets no file
  // What the estimator gets of other sizes: a folder for copies, two other pictures of the server
  // (a fifth and two fifths as wide), or nothing. Without the file the folder is nothing.
  std::string sizes = "folder";  // "folder", "pictures", "none"
  const std::atomic<bool>* stop = nullptr;
  std::function<void(const std::string&)> progress;
};

// `attribution_proof serve-faulty ...`: what that process runs. Returns its exit status.
int ServeFaulty(const std::vector<std::string>& arguments);

// {"number", "recipe", "plan", "seconds", "rounds", "refused" , ... what Score says}.
Result<nlohmann::json> RunBlind(const DrawnPlan& plan, const BlindOptions& options);

}  // namespace iiifbench
