#include "harness/attribution/evidence/evidence.h"

#include "harness/stats/milliseconds.h"

namespace iiifbench {
namespace {

void Add(StageSamples& samples, const LatencyPart& part, double ms) { samples[part].push_back(ms); }

}  // namespace

void TakeServerTiming(const Exchange& exchange, StageSamples& samples) {
  if (exchange.server_timing.empty()) return;
  const ServerTiming timing = ParseServerTiming(exchange.server_timing);
  double sum = 0;
  for (Stage stage : timing.named) {
    Add(samples, stage, MsOf(timing.stages[stage]));
    sum += MsOf(timing.stages[stage]);
  }
  if (!timing.total) return;
  Add(samples, Stage::kOverhead, MsOf(*timing.total) - sum);
  Add(samples, Stage::kNetwork, MsOf(exchange.latency() - *timing.total));
  Add(samples, OtherPart::kTotal, MsOf(*timing.total));
}

void TakeLog(const std::vector<LoggedRequest>& log, StageSamples& samples) {
  if (log.empty()) return;
  const LoggedRequest& last = log.back();
  for (Stage stage : kStages) {
    if (last.stages[stage].count() > 0) Add(samples, stage, MsOf(last.stages[stage]));
  }
  if (last.total.count() > 0) Add(samples, OtherPart::kTotal, MsOf(last.total));
}

ProcessUsage UsedBetween(const ProcessUsage& before, const ProcessUsage& after) {
  return {.on_cpu_ms = after.on_cpu_ms - before.on_cpu_ms,
          .run_queue_ms = after.run_queue_ms - before.run_queue_ms,
          .faults = after.faults - before.faults,
          .major_faults = after.major_faults - before.major_faults,
          .child_faults = after.child_faults - before.child_faults,
          .file_mb = after.file_mb - before.file_mb,
          .peak_rss_mb = after.peak_rss_mb};
}

}  // namespace iiifbench
