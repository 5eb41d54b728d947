// load_plan: iiifbench load --plan FILE --shard i/n: this process's part of a plan.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

namespace iiifbench {

struct PlannedOptions {
  std::string plan, shard, out, start_at, time_url, ca_file;
  double max_skew = 0.5, check_seconds = 5;
  bool quiet = false;
};

// --plan and what goes with it; of load's own options it takes --out, --ca-file, --check-seconds
// and
// --quiet.
std::shared_ptr<PlannedOptions> AddPlanned(CLI::App& load);
// The exit status, after what it says on standard output and error.
int RunPlanned(const PlannedOptions& options);

}  // namespace iiifbench
