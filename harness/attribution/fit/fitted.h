// fitted: the hypotheses that compete for the latencies of the probes, the best of them with its
// multiples, and what follows of how the server works. No request of interest is looked at.
//
// Errors: kUnsupported with the reason, where nothing can be fitted: too few right answers, or a
// server that is faster than every hypothesis. Units: milliseconds. Threads: none.
#pragma once

#include <optional>
#include <vector>

#include "harness/attribution/fit/candidates.h"
#include "harness/attribution/fit/simpler_models.h"
#include "harness/attribution/fit/stage_intervals.h"
#include "harness/attribution/model/attribution.h"
#include "harness/attribution/model/observed.h"

namespace iiifbench {

struct Fitted {
  Candidate best;
  StageIntervals intervals;
  std::vector<SimplerModel> simpler;  // geometric, naive
  FittedModel model;
  std::vector<StrategyVerdict> strategy;  // decode, resize, no-op resize
  StageMap<StageEstimate> multiples;      // of our kernels
  std::vector<double> predicted_ms;       // of every case of the observations
  double condition = 0;                   // of the fitted matrix
};

Result<Fitted> FitObserved(Observed& observed, uint64_t seed);
// Its `best` alone, a small part of the time: intervals cost most of it.
Result<Candidate> FitBest(Observed& observed, uint64_t seed);

}  // namespace iiifbench
