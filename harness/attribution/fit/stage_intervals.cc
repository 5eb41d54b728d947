#include "harness/attribution/fit/stage_intervals.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "harness/attribution/fit/case_fit.h"
#include "harness/stats/bootstrap.h"
#include "harness/stats/quantile.h"
#include "harness/stats/robust.h"
#include "harness/stats/uniform.h"

namespace iiifbench {
namespace {

constexpr Stage kFitted[] = {Stage::kOverhead, Stage::kDecode, Stage::kResize, Stage::kEncode};

std::vector<Stage> StagesOf(const Candidate& candidate) {
  std::vector<Stage> stages(std::begin(kFitted), std::end(kFitted));
  if (candidate.hypothesis.additional == Additional::kRead) stages.push_back(Stage::kRead);
  return stages;
}

std::vector<Replicate> BootstrapOf(const Fit& fit, const std::vector<Candidate>& pool,
                                   uint64_t seed, Prior prior) {
  std::vector<const Eigen::MatrixXd*> matrices;
  for (const auto& candidate : pool) matrices.push_back(&candidate.fitted);
  return fit.Bootstrap(matrices, kBootstrapReplicates, seed, prior);
}

// Of the intervals of a fit with this matrix.
double TailOf(const Eigen::MatrixXd& x) {
  const auto used = (x.colwise().norm().array() > 0).count();
  const auto free = static_cast<double>(std::max<Eigen::Index>(8, x.rows() - used));
  return ExpandedTail(0.025, static_cast<double>(x.rows()), free);
}

// The stages of a draw as parts of the request: what it leaves unexplained tells no stage from
// another.
StageMap<double> PartsOfTotal(StageMap<double> stages, double total_ms) {
  double sum = 0;
  for (const auto& [stage, ms] : stages) sum += ms;
  if (sum > 0) {
    for (auto& [stage, ms] : stages) ms *= total_ms / sum;
  }
  return stages;
}

}  // namespace

double StageOf(Stage stage, const Eigen::RowVectorXd& x, const Eigen::VectorXd& beta,
               Additional additional) {
  if (stage == Stage::kDecode) return x[kDecode] * beta[kDecode];
  if (stage == Stage::kResize) return x[kResize] * beta[kResize];
  if (stage == Stage::kEncode) return x[kEncode] * beta[kEncode] + x[kBits] * beta[kBits];
  const double more = x[kAdditional] * beta[kAdditional];
  if (stage == Stage::kRead) return additional == Additional::kRead ? more : 0;
  return x[kInfo] * beta[kInfo] + x[kImage] * beta[kImage] +
         (additional == Additional::kRead ? 0 : more);
}

ErrorSize ErrorSizeOf(const Fit& fit, const Candidate& candidate, uint64_t seed) {
  const Eigen::VectorXd beta = fit.Betas(candidate.fitted),
                        left_out = fit.LeftOut(candidate.fitted, seed);
  std::vector<double> off;
  for (Eigen::Index i = 0; i < left_out.size(); ++i) {
    if (!fit.observations()[static_cast<size_t>(i)].scored) continue;
    StageMap<double> stages;
    for (const auto& stage : StagesOf(candidate))
      stages[stage] =
          StageOf(stage, candidate.fitted.row(i), beta, candidate.hypothesis.additional);
    off.push_back((fit.target()[i] - left_out[i]) / SumError(stages, fit.target()[i]));
  }
  return {.kernel = kKernelError * std::max(1.0, HuberScale(off, kMostDeviations)),
          .constant = kConstantError};
}

StageEstimate OwnMeasure(double ms, const std::vector<double>& samples) {
  if (samples.empty()) return {ms, ms, ms};
  const double middle = Median(samples), kernel = NormalQuantile(0.975) * kKernelError * ms;
  return {ms, std::max(0.0, ms - std::hypot(middle - Quantile(samples, 0.025), kernel)),
          ms + std::hypot(Quantile(samples, 0.975) - middle, kernel)};
}

StageIntervals::StageIntervals(const Fit& fit, const std::vector<Candidate>& candidates,
                               const Contest& contest, bool foreign_encoder)
    : best_(candidates.front()), foreign_encoder_(foreign_encoder), seed_(contest.seed) {
  const Candidate& best = candidates.front();
  beta_ = fit.Betas(best.fitted);
  std::vector<const Candidate*> pooled;
  size_t leading = 0;
  // Costs of handing rows over, of which there are a few, do not take the place of other habits.
  for (const auto& candidate : candidates) {
    const bool copies = candidate.hypothesis.row_copy_ms_per_megapixel > 0;
    if ((!copies && leading >= kCompeting) || candidate.error > kIdentified * best.error) continue;
    if (!copies) ++leading;
    pooled.push_back(&candidate);
    wider_.push_back(candidate);
  }
  replicates_ = BootstrapOf(fit, wider_, seed_, Prior::kTolerance);
  for (auto name :
       {&Hypothesis::decode_name, &Hypothesis::resize_name, &Hypothesis::noop_resize_name}) {
    const auto other = std::ranges::find_if(candidates, [&](const Candidate& candidate) {
      return (candidate.hypothesis.*name)() != (best.hypothesis.*name)();
    });
    if (other != candidates.end() && other->error <= kIdentified * best.error &&
        std::ranges::count(pooled, &*other) == 0)
      wider_.push_back(*other);
  }
  std::vector<double> starts(std::begin(kStartMs), std::end(kStartMs));
  starts.push_back(0);
  for (double start_ms : starts) {
    if (start_ms == best.hypothesis.start_ms) continue;
    Candidate other{.hypothesis = best.hypothesis};
    other.hypothesis.start_ms = start_ms;
    other.all = contest.matrix(other.hypothesis);
    other.fitted = RowsOf(other.all, contest.rows);
    other.error = fit.CrossValidatedError(other.fitted, seed_);
    if (other.error <= kIdentified * best.error) wider_.push_back(std::move(other));
  }
  wide_ = BootstrapOf(fit, wider_, seed_, Prior::kResiduals);
  size_ = ErrorSizeOf(fit, best, seed_);
  tail_ = TailOf(best.fitted);
}

StageMap<double> StageIntervals::Predicted(const Candidate& from, const Eigen::VectorXd& beta,
                                           const Case& c, Eigen::Index row) const {
  StageMap<double> predicted = {{Stage::kNetwork, c.fixed_ms}};
  for (const auto& stage : StagesOf(best_))
    predicted[stage] = StageOf(stage, from.all.row(row), beta, from.hypothesis.additional);
  return predicted;
}

StageMap<double> StageIntervals::Started(const Replicate& replicate, const Candidate& from,
                                         const Case& c, Eigen::Index row,
                                         std::mt19937_64& random) const {
  auto drawn = Predicted(from, replicate.beta, c, row);
  // That they start like a resize is a likeness, not a measurement.
  for (const auto& [stage, column] :
       {std::pair{Stage::kDecode, kDecode}, std::pair{Stage::kEncode, kEncode}}) {
    if (column == kEncode && foreign_encoder_) continue;
    const double uniform = Uniform(random);
    const double more =
        std::min(drawn[Stage::kOverhead], kStartError * (2 * uniform - 1) *
                                              from.hypothesis.start_ms * replicate.beta[column]);
    drawn[stage] += more, drawn[Stage::kOverhead] -= more;
  }
  return drawn;
}

StageSplit StageIntervals::Of(const Case& c, Eigen::Index row) const {
  const std::vector<double> service = c.service_ms();
  const double total = Median(service);
  StageSplit out;
  std::mt19937_64 random(seed_ + static_cast<uint64_t>(row));
  for (const auto& replicate : replicates_) {
    const auto& from = wider_[static_cast<size_t>(replicate.hypothesis)];
    const auto drawn = Disturbed(Started(replicate, from, c, row, random), random);
    for (const auto& [stage, ms] : PartsOfTotal(GivenTotal(drawn, total), total))
      out.separable[stage].push_back(ms);
  }
  out.separable.erase(Stage::kNetwork);
  StageMap<std::vector<double>> draws;
  for (const auto& replicate : wide_) {
    const auto& from = wider_[static_cast<size_t>(replicate.hypothesis)];
    const auto drawn = Disturbed(Started(replicate, from, c, row, random), random, size_);
    const double took = MedianOfResample(service, random) - kRestError * total * NormalDraw(random);
    for (const auto& [stage, ms] : GivenTotal(drawn, took, size_)) draws[stage].push_back(ms);
  }
  for (const auto& [stage, ms] : GivenTotal(Predicted(best_, beta_, c, row), total)) {
    const auto& samples = draws[stage];
    out.stages[stage] = samples.empty() ? StageEstimate{ms, ms, ms}
                                        : StageEstimate{ms, std::min(ms, Quantile(samples, tail_)),
                                                        std::max(ms, Quantile(samples, 1 - tail_))};
  }
  return out;
}

}  // namespace iiifbench
