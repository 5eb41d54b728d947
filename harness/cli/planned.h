// planned: --plan FILE --shard i/n, the same for every command that measures.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <set>
#include <string>

#include "harness/plan/run_plan.h"

namespace iiifbench {

struct PlanFlags {
  std::string write, plan, shard;
};
// --write-plan, --plan and --shard of a study or an attribution.
void AddPlanFlags(CLI::App& command, PlanFlags& flags);

std::string HostName();
std::string UtcNow();

// Refuses options of the command line that the plan says; `taken` are those beside it.
Result<void> RefuseBesidePlan(const CLI::App& command, std::set<std::string> taken);
// The plan's words, as if they were typed: `add` declares the options.
Result<void> ParseWords(const std::vector<std::string>& words,
                        const std::function<void(CLI::App&)>& add);
// The folder of a shard: below `out` where an engine numbers it; refused where it holds one already
// and is not to go on.
Result<std::string> ShardFolder(const std::string& out, const std::string& shard_text,
                                const Shard& shard, bool go_on = false);

}  // namespace iiifbench
