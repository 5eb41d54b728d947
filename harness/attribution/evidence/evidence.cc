#include "harness/attribution/evidence/evidence.h"

#include "harness/attribution/model/milliseconds.h"

namespace iiifbench {
namespace {

void Add(StageSamples& samples, const std::string& name, double ms) { samples[name].push_back(ms); }

}  // namespace

void TakeServerTiming(const Exchange& exchange, StageSamples& samples) {
  if (exchange.server_timing.empty()) return;
  const ServerTiming timing = ParseServerTiming(exchange.server_timing);
  double sum = 0;
  for (Stage stage : timing.named) {
    Add(samples, std::string(StageName(stage)), Milliseconds(timing.stages[stage]));
    sum += Milliseconds(timing.stages[stage]);
  }
  if (!timing.total) return;
  Add(samples, "overhead", Milliseconds(*timing.total) - sum);
  Add(samples, "network", Milliseconds(exchange.latency() - *timing.total));
  Add(samples, "total", Milliseconds(*timing.total));
}

void TakeLog(const std::vector<LoggedRequest>& log, StageSamples& samples) {
  if (log.empty()) return;
  const LoggedRequest& last = log.back();
  for (Stage stage : kStages) {
    if (last.stages[stage].count() > 0)
      Add(samples, std::string(StageName(stage)), Milliseconds(last.stages[stage]));
  }
  if (last.total.count() > 0) Add(samples, "total", Milliseconds(last.total));
}

void TakeCpu(const ProcessUsage& before, const ProcessUsage& after, StageSamples& samples) {
  Add(samples, "cpu", after.on_cpu_ms - before.on_cpu_ms);
  Add(samples, "run-queue", after.run_queue_ms - before.run_queue_ms);
  Add(samples, "faults", after.faults - before.faults);
  Add(samples, "major-faults", after.major_faults - before.major_faults);
  Add(samples, "child-faults", after.child_faults - before.child_faults);
  Add(samples, "file-mb", after.file_mb - before.file_mb);
  Add(samples, "peak-rss-mb", after.peak_rss_mb);
}

}  // namespace iiifbench
