// stage_intervals: what each stage of a request took by the fit, given what the request took, and
// between which bounds it lies with 95 %.
//
// Bounds are quantiles of draws. Each draw is wrong in every way in which the fit may be:
// - multiples, and which hypothesis holds: a replicate of the bootstrap (fit.h), the multiples'
// centre
//   weighed by the residuals. The best hypotheses compete in it, with them the best of each other
//   strategy that is not refuted (kIdentified), and what starting a stage may cost (kStartMs): a
//   start that the data do not exclude moves time from overhead to decode and encode.
// - kernels: each stage by kKernelError of itself, or by more where the probes that were left out
// say so
//   (ErrorSizeOf): their residuals relative to what the stages may be off by, as split conformal
//   prediction normalises them (Lei et al. 2018, 5.2). Their scale is kept (Huber's second
//   proposal, Robust Statistics 1981, 6.4) and the shape taken for normal, since the answer is
//   about parts and not about the sum.
// - constants: request_total.h.
// - what the request took: a resample of its own samples; and the rest, drawn too.
// The draw is then given the request's total as the answer is: conditioning by a draw and its
// residual (Matheron's rule; Wilson et al. 2021, Pathwise Conditioning). Quantiles of the draws are
// those of the expanded percentile interval (Hesterberg 2015, What Teachers Should Know about the
// Bootstrap, 5.3), with the fit's columns taken off the degrees of freedom; Student's quantile by
// Abramowitz and Stegun 26.7.5.
//
// Merging asks whether the data tell stages apart, not how wrong the kernels or how large the
// unexplained rest may be: it looks at `separable`, draws of the candidates alone with kernels good
// to kKernelError, each draw's stages as parts of the request. A decode that is everything but 3 %
// is told apart, however noisy the request and however far the fit alone was off. Units:
// milliseconds.
#pragma once

#include <vector>

#include "harness/attribution/fit/candidates.h"
#include "harness/attribution/fit/request_total.h"
#include "harness/attribution/model/attribution.h"

namespace iiifbench {

struct StageSplit {
  StageMap<StageEstimate> stages;  // the network too
  StageMap<std::vector<double>> separable;
};

class StageIntervals {
 public:
  // `candidates` best first, not empty, all with the same columns.
  StageIntervals(const Fit& fit, const std::vector<Candidate>& candidates, const Contest& contest,
                 bool foreign_encoder);
  const Eigen::VectorXd& beta() const { return beta_; }  // of the best
  // Of the candidates alone: multiples, what-ifs, merging.
  const std::vector<Replicate>& replicates() const { return replicates_; }
  // `row`: of the case in the candidates' matrices.
  StageSplit Of(const Case& c, Eigen::Index row) const;

 private:
  StageMap<double> Predicted(const Candidate& from, const Eigen::VectorXd& beta, const Case& c,
                             Eigen::Index row) const;
  StageMap<double> Started(const Replicate& replicate, const Candidate& from, const Case& c,
                           Eigen::Index row, std::mt19937_64& random) const;

  Candidate best_;
  bool foreign_encoder_;
  uint64_t seed_;
  Eigen::VectorXd beta_;
  std::vector<Replicate> replicates_;
  std::vector<Candidate> wider_;  // the best candidates, then the best with other starts
  std::vector<Replicate> wide_;   // replicates of these
  ErrorSize size_;
  double tail_ = 0.025;
};

// What the stages of a hypothesis may be off by, by the probes that its fit did not see.
ErrorSize ErrorSizeOf(const Fit& fit, const Candidate& candidate, uint64_t seed);
// Milliseconds of a stage for one row of a matrix: overhead, decode, resize, encode, read.
double StageOf(Stage stage, const Eigen::RowVectorXd& x, const Eigen::VectorXd& beta,
               Additional additional);
// What our kernel measured of work that the fit has no column for, taken for the server's: with its
// samples' spread and kKernelError.
StageEstimate OwnMeasure(double ms, const std::vector<double>& samples);

}  // namespace iiifbench
