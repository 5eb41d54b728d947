// sample_tally: the figures of a planned load, from its samples as they stream by.
//
// Whole numbers in histograms (hdr_histogram.h, microseconds) and sums, so that the figures of
// samples merged from shards are those of the same samples in one process, byte for byte.
// Percentiles: of the histogram of all good answers, hence to one part in a thousand; never of
// shards' percentiles. Interval: order statistics at 95 % (quantile.h; above 10^4 answers the
// normal approximation of the binomial ranks). Window: from the end of the warm-up for the plan's
// seconds, or until the last answer where that came later. Not reportable: failures; our own lag at
// p90 above 5 % of the median; arrivals of the plan without a sample. Memory: histograms by class
// and failure, not by samples; names beyond 1,000 are counted together. Errors, threads: none.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/merge/sample_file.h"
#include "harness/plan/plan.h"
#include "harness/stats/hdr_histogram.h"

namespace iiifbench {

constexpr double kMostOwnLag = 0.05;  // our own at p90, of the median latency

class SampleTally {
 public:
  SampleTally(const Plan& plan, const Shard& shard);
  void Add(const SampleRow& row);
  nlohmann::json Figures() const;
  double MedianMs() const { return static_cast<double>(latency_.At(0.5)) / 1e3; }

 private:
  struct Class {
    HdrHistogram latency;
    int64_t bytes = 0;
  };
  const Plan plan_;
  int64_t planned_ = -1;  // arrivals after the warm-up; -1: a closed loop
  int64_t warm_ns_ = 0, length_ns_ = 0, last_ns_ = 0;
  int64_t samples_ = 0, bytes_ = 0, reused_ = 0;
  HdrHistogram latency_, lag_;
  std::map<std::string, HdrHistogram> parts_, failures_;
  std::map<std::string, Class> classes_;
  std::vector<int64_t> slices_;
};

// Arrivals of a shard that are due after the warm-up: expands the plan.
int64_t PlannedSamples(const Plan& plan, const Shard& shard);

// "p50: 12.3 ms [12.1 12.6]" as {"ms", "low_ms", "high_ms"}, or why not.
Result<nlohmann::json> PercentileOf(const HdrHistogram& histogram, double p);

std::string FiguresToText(const nlohmann::json& figures);

}  // namespace iiifbench
