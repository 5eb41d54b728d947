// attribution_shards: the folder of a shard of a planned attribution, and many of them joined.
//
// A unit is an image of the plan; unit i belongs to shard i mod n. A folder holds
// attributions.jsonl, a line an image: {"unit", as attribution_report.h}; plan.json; and, last,
// run.json with the shard, its computer and the units that had no result. Merging checks what
// shards_together.h checks, and that each line is of a unit of its shard and none was cut; then
// joins the lines by unit: attributions.jsonl, and attribution-images.json, {"schema": 1,
// "attributions": [...]}, for the page. The same lines give the same bytes, whatever the shards.
// Memory: one image a shard. Errors: kBadRequest with the shard, kBadInput with file and line, kIo.
// Threads: none.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "harness/plan/run_plan.h"

namespace iiifbench {

struct AttributionShard {
  std::string folder, plan_hash, version;
  Shard shard;
  std::string host, time;
  nlohmann::json machine;
  int64_t images = 0;            // with a result
  std::vector<int64_t> without;  // units that had none
};

// Appends one image's result, flushed; an interruption loses the image being asked at most.
Result<void> AppendAttribution(const std::string& folder, int64_t unit, nlohmann::json result);
// The units that are there already; drops a last line that was cut.
Result<std::set<int64_t>> AttributedUnits(const std::string& folder);
Result<void> FinishAttributionShard(const std::string& folder, const RunPlan& plan,
                                    const AttributionShard& shard);
Result<AttributionShard> ReadAttributionShard(const std::string& folder);
bool HoldsAttributionShard(const std::string& folder);

struct MergedAttributions {
  int64_t images = 0, refused = 0;  // refused: no requests, or not to be believed
  nlohmann::json shards;
};
Result<MergedAttributions> MergeAttributions(const std::vector<std::string>& folders,
                                             const std::string& out);
std::string MergedAttributionsToText(const MergedAttributions& merged);

}  // namespace iiifbench
