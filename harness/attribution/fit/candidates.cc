#include "harness/attribution/fit/candidates.h"

#include <algorithm>
#include <cmath>

#include "harness/attribution/fit/case_fit.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

void Add(const Fit& fit, const Contest& contest, const Hypothesis& hypothesis,
         std::vector<Candidate>& candidates) {
  Candidate candidate{.hypothesis = hypothesis};
  candidate.all = contest.matrix(hypothesis);
  candidate.fitted = RowsOf(candidate.all, contest.rows);
  // The same numbers under another name explain nothing else.
  for (auto& other : candidates) {
    if (other.all != candidate.all) continue;
    other.aliases.push_back(hypothesis);
    return;
  }
  // A decode slower than the whole request is none.
  int slower = 0;
  for (Eigen::Index i = 0; i < candidate.fitted.rows(); ++i)
    slower += candidate.fitted(i, kDecode) > 2.2 * fit.target()[i] + 0.5;
  if (slower > 1 + candidate.fitted.rows() / 20) return;
  candidate.error = fit.CrossValidatedError(candidate.fitted, contest.seed);
  // Not our kernel's shape: only where that explains clearly better.
  if (hypothesis.by_taps) candidate.error *= kByTaps;
  candidates.push_back(std::move(candidate));
}

// All with the same additional column and the same cost of a start, best first.
std::vector<Candidate> With(Additional additional, double start_ms, const Fit& fit,
                            const std::vector<Hypothesis>& hypotheses, const Contest& contest) {
  std::vector<Candidate> out;
  for (Hypothesis hypothesis : hypotheses) {
    hypothesis.additional = additional, hypothesis.start_ms = start_ms;
    for (NewMemory memory : {NewMemory::kNone, NewMemory::kPictures, NewMemory::kAll}) {
      hypothesis.memory = memory;
      Add(fit, contest, hypothesis, out);
    }
  }
  std::ranges::sort(out, {}, &Candidate::error);
  // A resize without SIMD, so that our kernel's shape has no claim either.
  if (!out.empty() && fit.Betas(out.front().fitted)[kResize] > kNoSimd) {
    for (Candidate& c : out) c.error /= c.hypothesis.by_taps ? kByTaps : 1;
    std::ranges::sort(out, {}, &Candidate::error);
  }
  return out;
}

// What starting a stage costs, by the best of those who lead without it; 0 where that explains no
// more.
double StartOf(const Fit& fit, const std::vector<Candidate>& leading, const Contest& contest) {
  double least = leading.front().error / kStartGain, best = 0;
  for (size_t i = 0; i < std::min<size_t>(6, leading.size()); ++i) {
    for (double start_ms : kStartMs) {
      Hypothesis hypothesis = leading[i].hypothesis;
      hypothesis.start_ms = start_ms;
      const double error =
          fit.CrossValidatedError(RowsOf(contest.matrix(hypothesis), contest.rows), contest.seed);
      if (error < least) least = error, best = start_ms;
    }
  }
  return best;
}

// What each row's residual is expected to be.
Eigen::VectorXd NoiseOf(const Fit& fit, const Eigen::MatrixXd& x, const Eigen::VectorXd& beta) {
  const Eigen::ArrayXd tolerance = kToleranceMs + kToleranceShare * fit.target().array().abs();
  const Eigen::ArrayXd relative = (fit.target() - x * beta).array().abs() / tolerance;
  return 1.48 * Median(std::span(relative.data(), static_cast<size_t>(relative.size()))) *
         tolerance;
}

bool Seen(const Fit& fit, const Eigen::VectorXd& stage, const Eigen::VectorXd& noise) {
  int rows = 0;
  size_t samples = 0;
  for (Eigen::Index i = 0; i < stage.size(); ++i) {
    if (stage[i] <= kSeen * noise[i]) continue;
    ++rows;
    samples += fit.observations()[static_cast<size_t>(i)].samples_ms.size();
  }
  return rows >= kSeenRows && samples >= static_cast<size_t>(kSeenSamples);
}

// Adds the one who leads with rows that are handed over at a cost, at each cost that explains about
// as well. Where one explains better it wins; where all explain alike, the replicates of the
// bootstrap hold them, so that decode and resize, which share these milliseconds, get the intervals
// of not knowing and are merged where these are wide. Only beside a resize without SIMD: a program
// that resamples so also copies so.
void AddRowCopies(const Fit& fit, const Contest& contest, std::vector<Candidate>& candidates) {
  if (candidates.empty()) return;
  const Candidate leader = candidates.front();
  if (!leader.hypothesis.by_taps && fit.Betas(leader.fitted)[kResize] <= kNoSimd) return;
  const double before = fit.CrossValidatedError(leader.fitted, contest.seed);
  for (double ms : kRowCopyMs) {
    Candidate copying{.hypothesis = leader.hypothesis};
    copying.hypothesis.row_copy_ms_per_megapixel = ms;
    copying.all = contest.matrix(copying.hypothesis);
    if (copying.all == leader.all) continue;  // nothing is handed over
    copying.fitted = RowsOf(copying.all, contest.rows);
    const double error = fit.CrossValidatedError(copying.fitted, contest.seed);
    if (error > kRowCopyAlike * before) continue;
    // Judged as its leader was.
    copying.error = leader.error * kByHand * (before > 0 ? error / before : 1);
    candidates.push_back(std::move(copying));
  }
  std::ranges::stable_sort(candidates, {}, &Candidate::error);
}

}  // namespace

std::vector<Candidate> Compete(const Fit& fit, const std::vector<Hypothesis>& hypotheses,
                               const Contest& contest) {
  const auto chosen = [&](double start_ms) {
    if (contest.parses) return With(Additional::kFile, start_ms, fit, hypotheses, contest);
    auto without = With(Additional::kNone, start_ms, fit, hypotheses, contest);
    auto with = With(Additional::kRead, start_ms, fit, hypotheses, contest);
    if (with.empty() || without.empty()) return without;
    // Nobody decodes for nothing: where all of it is said to be reading, the column is a slow
    // decoder's cost.
    const bool decodes = fit.Betas(with.front().fitted)[kDecode] >= kLeastDecode / 2;
    return decodes && with.front().error * kIdentified <= without.front().error ? with : without;
  };
  auto leading = chosen(0);
  const double start_ms = leading.empty() ? 0 : StartOf(fit, leading, contest);
  if (start_ms > 0) {
    auto started = chosen(start_ms);
    if (!started.empty() && started.front().error < leading.front().error)
      leading = std::move(started);
  }
  AddRowCopies(fit, contest, leading);
  return leading;
}

StrategyVerdict VerdictOn(const Fit& fit, const std::vector<Candidate>& candidates,
                          const std::vector<std::pair<Hypothesis, double>>& screened,
                          const std::string& stage) {
  const auto name = stage == "decode"   ? &Hypothesis::decode_name
                    : stage == "resize" ? &Hypothesis::resize_name
                                        : &Hypothesis::noop_resize_name;
  const Eigen::Index column = stage == "decode" ? kDecode : kResize;
  const Candidate& best = candidates.front();
  StrategyVerdict verdict{.stage = stage, .name = (best.hypothesis.*name)(), .error = best.error};
  for (const auto& alias : best.aliases) {
    const std::string also = (alias.*name)();
    if (also != verdict.name && std::ranges::count(verdict.aliases, also) == 0)
      verdict.aliases.push_back(also);
  }
  const auto same = [&](const std::string& other) {
    return other == verdict.name || std::ranges::count(verdict.aliases, other) > 0;
  };
  const Eigen::VectorXd beta = fit.Betas(best.fitted);
  const Eigen::VectorXd noise = NoiseOf(fit, best.fitted, beta);
  const Eigen::VectorXd fitted = best.fitted.col(column) * beta[column];
  verdict.identified = Seen(fit, fitted, noise);
  // A multiple that no decoder has says that the kernel is not this server's, or that a column is
  // missing.
  if (stage == "decode" && (beta[column] < kLeastDecode || beta[column] > kMostDecode))
    verdict.identified = false;
  for (const auto& candidate : candidates) {
    const std::string other = (candidate.hypothesis.*name)();
    if (same(other)) continue;
    verdict.runner_up = other;
    verdict.runner_up_error = candidate.error;
    const Eigen::VectorXd there =
        candidate.fitted.col(column) * fit.Betas(candidate.fitted)[column];
    const auto different = ((there - fitted).array().abs() > kSeen * noise.array()).count();
    if (candidate.error < kIdentified * verdict.error || different < kDifferentRows)
      verdict.identified = false;
    break;
  }
  if (!verdict.runner_up.empty()) return verdict;
  for (const auto& [hypothesis, error] :
       screened) {  // all of another name were dropped after the core
    const std::string other = (hypothesis.*name)();
    if (same(other)) continue;
    if (!verdict.runner_up.empty() && error >= verdict.runner_up_error) continue;
    verdict.runner_up = other;
    verdict.runner_up_error = error;
  }
  return verdict;
}

}  // namespace iiifbench
