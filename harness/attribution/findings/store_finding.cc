#include "harness/attribution/findings/store_finding.h"

#include <algorithm>

#include "harness/stats/quantile.h"

namespace iiifbench {

void AddStoreFinding(const Observed& observed, Attribution& attribution) {
  const Case* worst = nullptr;
  double share = 0.1;
  for (const Case& c : observed.cases) {
    if (!c.held_out || c.read_ms.empty()) continue;
    const double of_latency = Median(c.read_ms) / Median(c.samples_ms);
    if (of_latency > share) worst = &c, share = of_latency;
  }
  if (worst == nullptr) return;
  std::vector<double> work, requests, bytes, first;
  for (const auto& sample : observed.store_samples) {
    if (sample.path != worst->probe.path) continue;
    work.push_back(sample.stall.work_ms);
    requests.push_back(sample.stall.requests);
    bytes.push_back(static_cast<double>(sample.stall.median_bytes));
    first.push_back(sample.stall.first_bytes_ms);
  }
  if (requests.empty()) return;
  const double count = Median(requests), ms = Median(worst->read_ms);
  attribution.findings.push_back(
      {"store-stalls",
       fmt::format(
           "the store stalls {}: {:.0f} range requests of {:.0f} kB, {}, take {:.1f} ms of {:.1f} "
           "ms; "
           "{:.1f} ms of it is "
           "waiting for first bytes beyond one request's, which larger ranges or a copy beside the "
           "server would save",
           worst->probe.path, count, Median(bytes) / 1000,
           Median(work) > 1.1 * ms ? "some at the same time" : "one after another", ms,
           Median(worst->samples_ms), count > 0 ? Median(first) * (count - 1) / count : 0)});
}

}  // namespace iiifbench
