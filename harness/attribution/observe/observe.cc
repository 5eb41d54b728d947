#include "harness/attribution/observe/observe.h"

#include "harness/attribution/evidence/page_cache.h"
#include "harness/attribution/observe/measure_network.h"
#include "harness/attribution/observe/prober.h"
#include "harness/http/address.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

// The last half of the rounds against the first, less 1, each latency relative to its case.
double DriftOf(const std::vector<Case>& cases) {
  std::vector<double> early, late;
  for (const Case& c : cases) {
    const size_t half = c.samples_ms.size() / 2;
    if (half < 1) continue;
    const double middle = Median(c.samples_ms);
    for (size_t i = 0; i < c.samples_ms.size(); ++i)
      (i < half ? early : late).push_back(c.samples_ms[i] / middle);
  }
  return early.empty() ? 0 : Median(late) / Median(early) - 1;
}

}  // namespace

Result<Observed> Observe(const ObserveOptions& given) {
  // What an earlier sitting has used is gone; checking its answers again takes some of it.
  constexpr double kLeastLeft = 0.4;
  ObserveOptions options = given;
  Observed observed;
  Prober prober(options);
  if (!options.source.empty()) {
    if (auto resident = PageCacheShare(options.source)) observed.resident_at_start = *resident;
  }
  auto spelling = ReadServer(options, prober.client, observed);
  if (!spelling) return spelling.error();
  prober.spelling = *spelling;
  prober.series_urls = MakeSizeSeries(options, prober.client, true, observed);
  auto cases = MakeCases(options, *spelling, observed);
  if (!cases) return cases.error();
  observed.cases = std::move(*cases);
  prober.answers.resize(observed.cases.size());
  if (options.log != nullptr) {
    const std::chrono::duration<double> spent(options.log->Restore(observed));
    options.budget = std::max(kLeastLeft * given.budget, given.budget - spent);
    if (spent.count() > 0) Say(prober, fmt::format("resumed after {:.1f} s", spent.count()));
  }
  Say(prober,
      fmt::format("{} probes, {} requests, {} steps of the size series", observed.cases.size(),
                  options.requests.size(), prober.series_urls.size()));
  if (auto still_falling = WarmUp(prober, observed.info->size))
    observed.findings.push_back(std::move(*still_falling));
  auto network =
      MeasureNetwork(Below(options.url, "info.json"), options.headers, options.budget / 12);
  if (!network) return network.error();
  observed.network = *network;
  Say(prober, fmt::format("warm after {:.1f} s; round trip {:.2f} ms", Elapsed(prober),
                          observed.network.round_trip_ms));
  TakeSignatures(prober, observed);
  if (observed.without_file) {
    MakeStandIns(prober, observed);
  } else {
    observed.hypotheses = AllHypotheses(observed.codec, *observed.info);
  }
  AskRounds(prober, observed);
  CheckRestored(prober, observed);
  observed.drift = DriftOf(observed.cases);
  DropWrongAnswers(prober, observed);
  observed.foreign_encoder = ForeignEncoder(observed.cases);
  observed.seconds = Elapsed(prober);
  return observed;
}

}  // namespace iiifbench
