// candidates: the hypotheses that compete for the latencies, and when a stage's strategy is known.
//
// Order: by the error of latencies that were left out. All candidates have the same columns:
// whether slow reading is one of them is decided once, by the best that there is with it and
// without, so that no hypothesis wins because another was not given the column; it is none where
// decoding would then cost next to nothing. What starting a stage costs is decided so too, and only
// by a clear gain; rows that are handed over at a cost compete beside those without. A strategy is
// known only where the stage is seen: in at least kSeenRows rows its fitted time exceeds kSeen
// times the noise of the row (the fit's residual level, relative to 0.1 ms + 2 %), these rows hold
// at least kSeenSamples samples, and in at least kDifferentRows rows the best and the runner-up say
// different times for it. Units: milliseconds. Threads: none.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/attribution/fit/fit.h"
#include "harness/attribution/model/attribution.h"
#include "harness/attribution/model/hypothesis.h"

namespace iiifbench {

struct Candidate {
  Hypothesis hypothesis;
  std::vector<Hypothesis> aliases;  // with the same matrix
  Eigen::MatrixXd all, fitted;      // every case; those of the fit
  double error = 0;                 // cross-validated
};

struct Contest {
  std::vector<int> rows;  // cases in the fit
  bool parses = false;    // each request costs by the file's size
  std::function<Eigen::MatrixXd(const Hypothesis& hypothesis)> matrix;  // of every case
  uint64_t seed = 1;
};

// Best first; without those that decode slower than the server answers.
std::vector<Candidate> Compete(const Fit& fit, const std::vector<Hypothesis>& hypotheses,
                               const Contest& contest);
// `candidates` is not empty; `screened`: dropped before, with their error. Stages: "decode",
// "resize" (its sampler), "no-op resize" (at equal sizes).
StrategyVerdict VerdictOn(const Fit& fit, const std::vector<Candidate>& candidates,
                          const std::vector<std::pair<Hypothesis, double>>& screened,
                          const std::string& stage);

}  // namespace iiifbench
