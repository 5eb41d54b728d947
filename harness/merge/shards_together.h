// shards_together: do these folders hold the shards of one plan, each once, and all?
//
// The same rule and words for loads, studies and attributions. Refused with kBadRequest and the
// shard: another plan, another version of the program, another number of shards, a shard that is
// there twice, shards that are missing. Memory: a line a shard. Threads: none.
#pragma once

#include <string>
#include <vector>

#include "harness/plan/shard.h"

namespace iiifbench {

struct ShardMark {
  std::string folder, plan_hash, version;
  Shard shard;
};
Result<void> CheckTogether(std::vector<ShardMark> shards, const std::string& plan_hash);

// Makes the folder of the whole, which must not be one of the shards'.
Result<void> MakeFolderOfWhole(const std::vector<std::string>& shards, const std::string& out);

}  // namespace iiifbench
