// load_shards: the folder of a shard of a planned load, and many of them joined without loss.
//
// A folder holds plan.json, run.json (this shard: where it ran, its clock, what went wrong),
// samples.tsv and load.json (the figures of its samples). Merging checks that all are of one plan
// and one version, that no shard is missing, there twice or cut, and that each sample belongs to
// its shard; then joins the samples by arrival into one file, and makes load.json of them as one
// process would, byte for byte. What differs by shard stands in shards.json: {"shards": [...],
// "outliers": [sentences], "not_reportable": [...]}. Outlier: a figure of a shard that is far from
// the shards' median: by over half of it and by over 3.5 x 1.4826 MAD; a share of failures that is
// over 4 standard errors above the others'; a clock that is further off than the bound. Shards of a
// plan are alike by design: their arrivals are dealt out in turn. Memory: one line and two files a
// shard; histograms. Errors: kBadRequest with the shard, kBadInput, kIo. Threads: none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/findings/finding.h"
#include "harness/merge/sample_tally.h"
#include "harness/plan/clock.h"

namespace iiifbench {

constexpr double kLargestSkew = 0.5;  // seconds, of a shard's clock against the target's

struct LoadShard {
  std::string plan_hash, version;  // of the program
  Shard shard;
  std::string host, machine;
  std::string asked_start, started;  // UTC
  std::optional<ClockOffset> clock;
  std::string clock_source, clock_unknown;  // why there is no offset
  double max_skew_s = kLargestSkew;
  double client_cpu = 0, in_flight = 0, little_error = 0;
  std::string http_version, ended_early;
  int64_t samples = 0, warm_up = 0, checked = 0, wrong = 0;
  std::vector<Finding> not_reportable;  // of this shard alone
};
nlohmann::json ShardToJson(const LoadShard& shard);
Result<LoadShard> ReadLoadShard(const std::string& folder);

// Writes run.json, plan.json and load.json beside the samples; yields the figures.
Result<nlohmann::json> FinishLoadShard(const std::string& folder, const Plan& plan,
                                       const LoadShard& shard);

struct MergedLoad {
  nlohmann::json figures, shards;
};
Result<MergedLoad> MergeLoads(const std::vector<std::string>& folders, const std::string& out);
std::string MergedToText(const MergedLoad& merged);

}  // namespace iiifbench
