#include "harness/attribution/fit/fit.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "harness/attribution/model/priors.h"
#include "harness/stats/nnls.h"
#include "harness/stats/quantile.h"
#include "harness/stats/robust.h"
#include "harness/stats/uniform.h"

namespace iiifbench {
namespace {

double Tolerance(double latency) { return kToleranceMs + kToleranceShare * std::abs(latency); }
// Of an observation: 0.71 for one sample, 0.87 for two, 1 from three on.
double Weight(const Observation& o) {
  return std::sqrt(std::min<double>(3, static_cast<double>(o.samples_ms.size())) / 4 + 0.25);
}
// Of a prediction; one outlier counts half at most.
double Relative(double residual, double latency) {
  return std::min(kMostRelative, std::abs(residual) / (kRelativeMs + std::abs(latency)));
}

}  // namespace

double Typical(const std::vector<double>& samples_ms) {
  return samples_ms.size() == 2 ? std::ranges::min(samples_ms) : Median(samples_ms);
}

Fit::Fit(std::vector<Observation> observations, std::pair<int, int> multiples)
    : observations_(std::move(observations)), multiples_(multiples) {
  target_ = Eigen::VectorXd(static_cast<Eigen::Index>(observations_.size()));
  for (size_t i = 0; i < observations_.size(); ++i)
    target_[static_cast<Eigen::Index>(i)] =
        Typical(observations_[i].samples_ms) - observations_[i].fixed_ms;
}

Eigen::VectorXd Fit::Solve(const Eigen::MatrixXd& x, const Eigen::VectorXd& target,
                           const std::vector<int>& rows, const Eigen::VectorXd& centre,
                           double pull) const {
  std::vector<bool> there(observations_.size(), false);
  for (int row : rows) there[static_cast<size_t>(row)] = true;
  std::vector<std::pair<int, int>> pairs;
  for (int row = 0; row < static_cast<int>(observations_.size()); ++row) {
    const int pair = observations_[static_cast<size_t>(row)].pair;
    if (pair >= 0 && there[static_cast<size_t>(row)] && there[static_cast<size_t>(pair)])
      pairs.emplace_back(row, pair);
  }
  const auto count = static_cast<Eigen::Index>(rows.size() + pairs.size()) + centre.size();
  Eigen::MatrixXd a(count, x.cols());
  Eigen::VectorXd b(count), scale(count);
  Eigen::Index at = 0;
  for (int row : rows) {
    a.row(at) = x.row(row);
    b[at] = target[row];
    scale[at++] = Weight(observations_[static_cast<size_t>(row)]) / Tolerance(target[row]);
  }
  for (const auto& [one, other] : pairs) {
    a.row(at) = x.row(one) - x.row(other);
    b[at] = target[one] - target[other];
    scale[at++] = kPairWeight / Tolerance(std::max(target[one], target[other]));
  }
  for (Eigen::Index k = 0; k < centre.size(); ++k) {
    a.row(at).setZero();
    a(at, multiples_.first + k) = 1;
    b[at] = centre[k];
    scale[at++] = pull * kPull;
  }
  return RobustNonNegativeLeastSquares(a, b, scale);
}

Eigen::VectorXd Fit::Betas(const Eigen::MatrixXd& x) const {
  std::vector<int> rows(observations_.size());
  std::iota(rows.begin(), rows.end(), 0);
  return Solve(x, target_, rows, Centre());
}

double Fit::ResidualLevel(const Eigen::MatrixXd& x) const {
  const Eigen::VectorXd residual = target_ - x * Betas(x);
  std::vector<double> relative;
  for (Eigen::Index i = 0; i < residual.size(); ++i)
    relative.push_back(std::abs(residual[i]) / Tolerance(target_[i]));
  return std::max(1.0, kMadToDeviation * Median(relative));
}

Eigen::VectorXd Fit::LeftOut(const Eigen::MatrixXd& x, uint64_t seed) const {
  std::vector<int> order(observations_.size());
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 random(seed);
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  Eigen::VectorXd out(target_.size());
  for (int fold = 0; fold < kFolds; ++fold) {
    std::vector<int> kept;
    for (size_t i = 0; i < order.size(); ++i) {
      if (static_cast<int>(i) % kFolds != fold) kept.push_back(order[i]);
    }
    const Eigen::VectorXd beta = Solve(x, target_, kept, Centre());
    for (size_t i = static_cast<size_t>(fold); i < order.size(); i += kFolds)
      out[order[i]] = x.row(order[i]).dot(beta);
  }
  return out;
}

std::vector<double> Fit::RelativeErrors(const Eigen::MatrixXd& x, uint64_t seed) const {
  const Eigen::VectorXd left_out = LeftOut(x, seed);
  std::vector<double> out;
  for (Eigen::Index i = 0; i < target_.size(); ++i) {
    if (observations_[static_cast<size_t>(i)].scored)
      out.push_back(Relative(left_out[i] - target_[i], target_[i]));
  }
  return out;
}

double Fit::CrossValidatedError(const Eigen::MatrixXd& x, uint64_t seed) const {
  const std::vector<double> errors = RelativeErrors(x, seed);
  return std::accumulate(errors.begin(), errors.end(), 0.0) /
         static_cast<double>(std::max<size_t>(1, errors.size()));
}

std::vector<Replicate> Fit::Bootstrap(const std::vector<const Eigen::MatrixXd*>& pool,
                                      int replicates, uint64_t seed, Prior prior) const {
  std::mt19937_64 random(seed);
  std::vector<double> pulls(pool.size(), 1);
  if (prior == Prior::kResiduals)
    std::ranges::transform(pool, pulls.begin(),
                           [this](const auto* x) { return ResidualLevel(*x); });
  const size_t n = observations_.size();
  std::vector<Replicate> out;
  for (int r = 0; r < replicates; ++r) {
    std::vector<int> drawn(n);
    std::vector<bool> used(n, false);
    for (auto& row : drawn) {
      row = static_cast<int>(random() % n);
      used[static_cast<size_t>(row)] = true;
    }
    Eigen::VectorXd target = target_;
    for (size_t i = 0; i < n; ++i) {
      const auto& samples = observations_[i].samples_ms;
      std::vector<double> again(samples.size());
      for (auto& sample : again) sample = samples[random() % samples.size()];
      target[static_cast<Eigen::Index>(i)] = Typical(again) - observations_[i].fixed_ms;
    }
    Eigen::VectorXd centre = Centre();
    for (auto& c : centre) {
      c = kLeastCentre * std::pow(kMostCentre / kLeastCentre, Uniform(random));
    }
    Replicate best;
    double least = 0;
    for (size_t h = 0; h < pool.size(); ++h) {
      const Eigen::VectorXd beta = Solve(*pool[h], target, drawn, centre, pulls[h]);
      double sum = 0;
      int left_out = 0;
      for (size_t i = 0; i < n; ++i) {
        if (used[i] || !observations_[i].scored) continue;
        const auto row = static_cast<Eigen::Index>(i);
        sum += Relative(pool[h]->row(row).dot(beta) - target[row], target[row]);
        ++left_out;
      }
      const double error = left_out > 0 ? sum / left_out : 0;
      if (h == 0 || error < least) {
        least = error;
        best = {static_cast<int>(h), beta};
      }
    }
    out.push_back(std::move(best));
  }
  return out;
}

double ConditionNumber(const Eigen::MatrixXd& x) {
  Eigen::MatrixXd scaled = x;
  for (Eigen::Index k = 0; k < x.cols(); ++k) {
    const double length = x.col(k).norm();
    if (length > 0) scaled.col(k) /= length;
  }
  const Eigen::VectorXd values = scaled.jacobiSvd().singularValues();
  double least = values[0];
  for (Eigen::Index k = 0; k < values.size(); ++k) {
    if (values[k] > 1e-12) least = std::min(least, values[k]);
  }
  return values[0] / least;
}

}  // namespace iiifbench
