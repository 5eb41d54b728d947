#include "harness/attribution/judge.h"

#include "harness/attribution/findings/connection_findings.h"
#include "harness/attribution/findings/fit_findings.h"
#include "harness/attribution/findings/packet_search.h"
#include "harness/attribution/findings/process_findings.h"
#include "harness/attribution/findings/store_finding.h"
#include "harness/attribution/findings/summary.h"
#include "harness/attribution/fit/explain.h"
#include "harness/attribution/fit/fitted.h"
#include "harness/attribution/what_if/offered.h"

namespace iiifbench {

Attribution Judge(Observed& observed, uint64_t seed) {
  Attribution out{.codec = observed.codec};
  out.findings = observed.findings;
  out.refusals = observed.refusals;
  AddConnectionFindings(observed, out);
  AddStoreFinding(observed, out);
  AddRefusalsOfAnswers(observed, out);
  auto fitted = FitObserved(observed, seed);
  if (!fitted) {
    out.refusals.push_back({"no-fit", fitted.error().message});
    return out;
  }
  AddFitFindings(observed, *fitted, out);
  for (size_t i = 0; i < observed.cases.size(); ++i) {
    if (!observed.cases[i].held_out) continue;
    out.requests.push_back(ExplainRequest(observed, *fitted, i));
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
  AddPacketSearch(observed, out);
  RankWhatIfs(out.what_ifs);
  if (out.requests.empty()) return out;
  out.about = Slowest(out.requests);
  out.sentence = SentenceAbout(out.requests[out.about], out.requests.size());
  return out;
}

}  // namespace iiifbench
