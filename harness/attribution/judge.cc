#include "harness/attribution/judge.h"

#include "harness/attribution/findings/connection_findings.h"
#include "harness/attribution/findings/file_findings.h"
#include "harness/attribution/findings/fit_findings.h"
#include "harness/attribution/findings/gateway_findings.h"
#include "harness/attribution/findings/packet_search.h"
#include "harness/attribution/findings/process_findings.h"
#include "harness/attribution/findings/profile_finding.h"
#include "harness/attribution/findings/store_finding.h"
#include "harness/attribution/findings/summary.h"
#include "harness/attribution/fit/explain.h"
#include "harness/attribution/fit/fitted.h"
#include "harness/attribution/fit/stored_format.h"
#include "harness/attribution/what_if/offered.h"

namespace iiifbench {
namespace {

// The fit that the stages stand on, and those of files stored otherwise that explain as much.
struct Fits {
  Fitted best;
  std::vector<Fitted> rivals;
};

Result<Fits> FitAll(Observed& observed, uint64_t seed, Attribution& out) {
  if (!observed.without_file) {
    auto fitted = FitObserved(observed, seed);
    if (!fitted) return fitted.error();
    return Fits{.best = std::move(*fitted), .rivals = {}};
  }
  auto fits = FitStandIns(observed, seed);
  if (!fits) return fits.error();
  out.stored = VerdictOnFile(observed, *fits);
  Adopt(observed, *fits->front().stored);
  out.codec = observed.codec;
  Fits all{.best = std::move(*fits->front().fitted), .rivals = {}};
  for (StandInFit& fit : std::span(*fits).subspan(1)) {
    if (fit.rejected.empty()) all.rivals.push_back(std::move(*fit.fitted));
  }
  return all;
}

}  // namespace

Attribution Judge(Observed& observed, uint64_t seed) {
  Attribution out{.codec = observed.codec};
  out.findings = observed.findings;
  out.refusals = observed.refusals;
  AddConnectionFindings(observed, out);
  AddGatewayFindings(observed, out);
  AddStoreFinding(observed, out);
  AddProfileFinding(observed, out);
  AddRefusalsOfAnswers(observed, out);
  auto fits = FitAll(observed, seed, out);
  if (!fits) {
    out.refusals.push_back({"no-fit", fits.error().message});
    return out;
  }
  Fitted* fitted = &fits->best;
  std::vector<const Fitted*> rivals;
  for (const Fitted& rival : fits->rivals) rivals.push_back(&rival);
  AddFitFindings(observed, *fitted, out);
  for (size_t i = 0; i < observed.cases.size(); ++i) {
    if (!observed.cases[i].held_out) continue;
    out.requests.push_back(ExplainRequest(observed, *fitted, i, rivals));
    AddWhatIfs(observed.cases[i], fitted->model, *observed.costs, observed.foreign_encoder,
               out.requests.back(), out.what_ifs);
  }
  out.strategy = std::move(fitted->strategy);
  out.multiples = std::move(fitted->multiples);
  out.predicted_ms = std::move(fitted->predicted_ms);
  out.fit_error = fitted->model.error;
  out.condition = fitted->condition;
  out.geometric_error = fitted->simpler[0].error;
  out.naive_error = fitted->simpler[1].error;
  out.model = std::move(fitted->model);
  AddProcessFindings(observed, out);
  if (out.stored) {
    KeepWhatHolds(observed, rivals, out);
  } else {
    AddPacketSearch(observed, out);
  }
  RankWhatIfs(out.what_ifs);
  if (out.requests.empty()) return out;
  out.about = Slowest(out.requests);
  out.sentence = SentenceAbout(out.requests[out.about], out.requests.size());
  return out;
}

}  // namespace iiifbench
