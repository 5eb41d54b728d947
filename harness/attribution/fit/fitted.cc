#include "harness/attribution/fit/fitted.h"

#include <algorithm>

#include "harness/attribution/fit/case_fit.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

FittedModel ModelOf(const std::vector<Candidate>& candidates, const StageIntervals& intervals,
                    bool decode_identified) {
  const Candidate& best = candidates.front();
  FittedModel model{.hypothesis = best.hypothesis,
                    .beta = intervals.beta(),
                    .replicates = {},
                    .error = best.error,
                    .decode_identified = decode_identified};
  for (const auto& replicate : intervals.replicates()) {
    if (replicate.hypothesis == 0) model.replicates.push_back(replicate.beta);
  }
  for (const auto& candidate : candidates) {
    if (candidate.error > kIdentified * best.error || (decode_identified && &candidate != &best))
      continue;
    model.rivals.push_back(candidate.hypothesis.habit);
    for (const auto& alias : candidate.aliases) model.rivals.push_back(alias.habit);
  }
  return model;
}

std::vector<StrategyVerdict> StrategyOf(const Observed& observed, const Fit& fit,
                                        const std::vector<Candidate>& candidates) {
  std::vector<StrategyVerdict> out;
  for (const char* stage : {"decode", "resize", "no-op resize"})
    out.push_back(VerdictOn(fit, candidates, observed.screened, stage));
  const auto point = observed.resize_pixels ? observed.resize_pixels->point() : std::nullopt;
  if (point)
    out[1].identified = out[1].by_pixels = IsPoint(candidates.front().hypothesis.filter) == *point;
  return out;
}

// A resize by taps is no multiple of our kernel, nor is the encode of another encoder.
StageMap<StageEstimate> MultiplesOf(const Candidate& best, const StageIntervals& intervals,
                                    bool foreign_encoder) {
  StageMap<StageEstimate> out;
  const auto add = [&](Stage stage, Column column) {
    std::vector<double> values;
    for (const auto& replicate : intervals.replicates()) values.push_back(replicate.beta[column]);
    out[stage] = {intervals.beta()[column], Quantile(values, 0.025), Quantile(values, 0.975)};
  };
  add(Stage::kDecode, kDecode);
  if (!best.hypothesis.by_taps) add(Stage::kResize, kResize);
  if (!foreign_encoder) add(Stage::kEncode, kEncode);
  return out;
}

Contest ContestOf(Observed& observed, const CaseFit& cases, uint64_t seed) {
  return {.rows = cases.rows,
          .parses = observed.signatures.info_to_small > 3,
          .matrix =
              [&observed](const Hypothesis& hypothesis) {
                return MatrixOf(observed.cases, hypothesis, *observed.costs,
                                observed.foreign_encoder);
              },
          .seed = seed};
}

// Best first, at least one.
Result<std::vector<Candidate>> CandidatesOf(const Observed& observed, const CaseFit& cases,
                                            const Contest& contest) {
  const auto images = std::ranges::count_if(
      cases.rows, [&](int r) { return !observed.cases[static_cast<size_t>(r)].probe.info; });
  if (images < kLeastProbes)
    return Fail(ErrorKind::kUnsupported,
                "only {} probes were answered rightly; a dozen is needed for a fit", images);
  auto candidates = Compete(cases.fit, observed.hypotheses, contest);
  if (candidates.empty())
    return Fail(ErrorKind::kUnsupported,
                "no hypothesis is as fast as this server: its decoder is none that we know");
  return candidates;
}

}  // namespace

Result<Candidate> FitBest(Observed& observed, uint64_t seed) {
  const CaseFit cases = FitOf(observed.cases, observed.foreign_encoder);
  auto candidates = CandidatesOf(observed, cases, ContestOf(observed, cases, seed));
  if (!candidates) return candidates.error();
  return std::move(candidates->front());
}

Result<Fitted> FitObserved(Observed& observed, uint64_t seed) {
  const CaseFit cases = FitOf(observed.cases, observed.foreign_encoder);
  const Contest contest = ContestOf(observed, cases, seed);
  const auto competed = CandidatesOf(observed, cases, contest);
  if (!competed) return competed.error();
  const std::vector<Candidate>& candidates = *competed;
  const Candidate& best = candidates.front();
  StageIntervals intervals(cases.fit, candidates, contest, observed.foreign_encoder);
  std::vector<double> predicted;
  for (size_t i = 0; i < observed.cases.size(); ++i)
    predicted.push_back(observed.cases[i].fixed_ms +
                        best.all.row(static_cast<Eigen::Index>(i)).dot(intervals.beta()));
  std::vector<StrategyVerdict> strategy = StrategyOf(observed, cases.fit, candidates);
  FittedModel model = ModelOf(candidates, intervals, strategy.front().identified);
  return Fitted{.best = best,
                .intervals = intervals,
                .simpler = SimplerModels(observed, cases.rows, PlainFitOf(observed.cases), seed),
                .model = std::move(model),
                .strategy = std::move(strategy),
                .multiples = MultiplesOf(best, intervals, observed.foreign_encoder),
                .predicted_ms = std::move(predicted),
                .condition = ConditionNumber(best.fitted)};
}

}  // namespace iiifbench
