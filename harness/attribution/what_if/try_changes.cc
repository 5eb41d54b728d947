#include "harness/attribution/what_if/try_changes.h"

#include <algorithm>

#include "harness/attribution/what_if/experiment.h"
#include "harness/attribution/what_if/offered.h"

namespace iiifbench {
namespace {

// What was only offered before is a line of its own no longer.
void Record(Tried tried, Attribution& out) {
  for (WhatIf& what : tried.what_ifs) {
    std::erase_if(out.what_ifs, [&](const WhatIf& other) {
      return !other.tried_saves_ms && other.path == what.path && other.kind == what.kind;
    });
    out.what_ifs.push_back(std::move(what));
  }
  for (NotOffered& line : tried.not_offered) out.not_offered.push_back(std::move(line));
}

}  // namespace

void TryChanges(const ExperimentOptions& options, const Observed& observed,
                Attribution& attribution) {
  if (options.server == nullptr || options.running == nullptr || !attribution.model) return;
  Experiment experiment{.options = options,
                        .observed = observed,
                        .model = *attribution.model,
                        .client = Client({.headers = options.running->headers})};
  PrepareRequests(experiment);
  for (const auto& try_one : {TryOtherRequests, TryOtherSources, TrySidecar, TryLowerQuality,
                              TryCache, TryRepairs, TryMoreWorkers})
    Record(try_one(experiment), attribution);
  RankWhatIfs(attribution.what_ifs);
}

}  // namespace iiifbench
