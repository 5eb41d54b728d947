// fit: which hypothesis explains the latencies of the probes, with which multiples of its kernels,
// and how sure that is.
//
// Model: latency_i - fixed_i = sum_k x_ik beta_k, beta >= 0, where a hypothesis gives the matrix x.
// Weights: residuals count relative to 0.1 ms + 2 % of the latency, Huber beyond; less where there
// are fewer than three samples. Pairs: the difference of two probes is an additional row of double
// weight, because what both share (the decoder) cancels there. Columns that are multiples of our
// kernels are drawn towards 1, weakly: a stage that the noise of another hides is a kernel like
// ours until the data say otherwise; replicates draw that centre from 0.7 to 5: nobody is much
// below the floor, many are far above. The tolerance is what a latency is good to; where no kernel
// is shaped like the server's, residuals are larger, and the data say less than they seem to:
// Prior::kResiduals weighs the centre by them (as the ridge of a normal prior has the residuals'
// variance in it; Hoerl and Kennard 1970). It matters where a coefficient is at its bound of 0, of
// which a bootstrap knows nothing (Andrews 2000). Selection: mean relative error of latencies that
// were left out (8 folds over probes). Intervals: bootstrap over probes and over their samples; in
// every replicate the hypotheses of the pool compete on the probes that were not drawn. Units:
// milliseconds. Randomness: from a seed, raw output only.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <vector>

#include "harness/attribution/model/priors.h"

namespace iiifbench {

struct Observation {
  std::vector<double> samples_ms;
  double fixed_ms = 0;  // known without a fit: network
  bool scored = true;   // counts when hypotheses are compared
  int pair = -1;        // number of the observation it is differenced with
};

// What a request costs: the median, of two the smaller (a pause is in one of them).
double Typical(const std::vector<double>& samples_ms);

struct Replicate {
  int hypothesis = 0;
  Eigen::VectorXd beta;
};

// What the pull of a multiple towards its centre is measured in, in replicates.
enum class Prior { kTolerance, kResiduals };

class Fit {
 public:
  // `multiples`: first and last + 1 of the columns that are multiples of our kernels.
  explicit Fit(std::vector<Observation> observations, std::pair<int, int> multiples = {0, 0});
  // Typical latencies less what is fixed.
  const Eigen::VectorXd& target() const { return target_; }
  const std::vector<Observation>& observations() const { return observations_; }
  Eigen::VectorXd Betas(const Eigen::MatrixXd& x) const;
  double CrossValidatedError(const Eigen::MatrixXd& x, uint64_t seed = 1) const;
  // Of each scored observation, by a fit that did not see it: their mean is the one above.
  std::vector<double> RelativeErrors(const Eigen::MatrixXd& x, uint64_t seed = 1) const;
  // Of every observation, by a fit that did not see it (the same folds).
  Eigen::VectorXd LeftOut(const Eigen::MatrixXd& x, uint64_t seed = 1) const;
  std::vector<Replicate> Bootstrap(const std::vector<const Eigen::MatrixXd*>& pool, int replicates,
                                   uint64_t seed = 1, Prior prior = Prior::kTolerance) const;

 private:
  Eigen::VectorXd Solve(const Eigen::MatrixXd& x, const Eigen::VectorXd& target,
                        const std::vector<int>& rows, const Eigen::VectorXd& centre,
                        double pull = 1) const;
  double ResidualLevel(const Eigen::MatrixXd& x) const;  // in tolerances, at least 1
  Eigen::VectorXd Centre() const {
    return Eigen::VectorXd::Ones(multiples_.second - multiples_.first);
  }
  std::vector<Observation> observations_;
  std::pair<int, int> multiples_;
  Eigen::VectorXd target_;
};

// Largest singular value of the columns scaled to length 1 by the smallest that is not 0: printed,
// not believed.
double ConditionNumber(const Eigen::MatrixXd& x);

}  // namespace iiifbench
