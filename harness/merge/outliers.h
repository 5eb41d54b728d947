// outliers: what the shards of a load say of themselves, side by side, and which one stands apart.
//
// Formula: load_shards.h. Memory: three small histograms a shard. Errors, threads: none.
#pragma once

#include <string>
#include <vector>

#include "harness/merge/load_shards.h"

namespace iiifbench {

struct ShardFigures {
  LoadShard run;
  std::string folder;
  int64_t answers = 0, failed = 0;
  // Two digits: a hundredth is enough beside the factor that makes an outlier.
  HdrHistogram latency{HdrRange{.digits = 2}}, lag{HdrRange{.digits = 2}},
      connect{HdrRange{.digits = 2}}, first_byte{HdrRange{.digits = 2}};

  void Add(const SampleRow& row);
  nlohmann::json ToJson() const;
};

// Sentences, each with the shard, its host, the figure and what it may mean. None below three
// shards.
std::vector<Finding> Outliers(const std::vector<ShardFigures>& shards);

}  // namespace iiifbench
