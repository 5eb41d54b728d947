#include "harness/attribution/observe/way.h"

#include "harness/attribution/fit/fit.h"
#include "harness/stats/quantile.h"

namespace iiifbench {

void SetNetwork(Observed& observed) {
  std::vector<TimedTransfer> answers;
  for (const Case& c : observed.cases) {
    if (c.transfers.empty()) continue;
    std::vector<double> body_ms;
    for (const auto& transfer : c.transfers) body_ms.push_back(transfer.body_ms);
    answers.push_back({.bytes = c.transfers.back().bytes, .body_ms = Median(body_ms)});
  }
  observed.wire = WireOf(answers, observed.network);
  for (Case& c : observed.cases) {
    if (c.transfers.empty()) continue;
    std::vector<double> parts;
    for (const auto& transfer : c.transfers)
      parts.push_back(NetworkOf(observed.network, observed.wire, transfer));
    c.fixed_ms = Typical(parts);
  }
}

}  // namespace iiifbench
