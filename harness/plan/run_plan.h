// run_plan: a study or an attribution fixed in a file, so that many processes can each do a part.
//
// {"schema": 1, "kind": "study plan" | "attribution plan", "version", "arguments": [words of the
// command], "hash", and what the words come to, each fixed: of a study "rounds", "seed", "blocks"
// (its requests), "sources" (files with checksums), "target"; of an attribution "images",
// "requests", "target"}. The hash is that of plan.h. What the words come to is worked out again
// where the plan is run, and compared, so that another program, corpus or file is refused. A load
// has a plan of its own (plan.h). Memory: the requests and files. Errors: kNotFound, kBadInput,
// kUnsupported with file and member. Threads: none.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/plan/shard.h"

namespace iiifbench {

constexpr const char* kStudyPlan = "study plan";
constexpr const char* kAttributionPlan = "attribution plan";

struct RunPlan {
  std::string kind, version;
  std::vector<std::string> arguments;
  nlohmann::json fixed;  // object of the members that the kind has
  std::string hash;      // of all that
};
RunPlan MakeRunPlan(const std::string& kind, const std::vector<std::string>& arguments,
                    const nlohmann::json& fixed);
nlohmann::json RunPlanToJson(const RunPlan& plan);
Result<RunPlan> ReadRunPlan(const std::string& path, const std::string& kind);

// Refuses what the words come to here where that is not what the plan says; names the member, and
// of a list the first entry that differs.
Result<void> CheckSame(const RunPlan& plan, const nlohmann::json& here);

}  // namespace iiifbench
