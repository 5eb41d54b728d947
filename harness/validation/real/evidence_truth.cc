#include "harness/validation/real/evidence_truth.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "harness/http/client.h"
#include "harness/stats/milliseconds.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

constexpr Stage kSplit[] = {Stage::kRead, Stage::kDecode, Stage::kResize, Stage::kConvert,
                            Stage::kEncode};

}  // namespace

EvidenceTruth FromProfile(const PartMap<double>& parts, int samples, double latency_ms) {
  EvidenceTruth out{.method = "profile", .stages = {}, .samples = samples};
  // Nobody waits for the background; and a processor that perf or others took is no stage of the
  // server.
  double work = 0;
  for (const auto& [part, ms] : parts) {
    const OtherPart* other = std::get_if<OtherPart>(&part);
    if (other == nullptr || *other == OtherPart::kUnknown || *other == OtherPart::kEitherJpeg)
      work += ms;
  }
  out.unknown_ms = PartMs(parts, OtherPart::kUnknown);
  for (Stage stage : kSplit) out.stages[stage] = PartMs(parts, stage);
  // A library that decodes and encodes without a stack: the two are one.
  if (parts.contains(OtherPart::kEitherJpeg)) {
    out.stages[Stage::kDecode] += PartMs(parts, OtherPart::kEitherJpeg);
    out.together = {Stage::kDecode, Stage::kEncode};
  }
  // Threads that work at once have more time than there is: shares of the work.
  out.latency_ms = work + PartMs(parts, OtherPart::kOffCpu);
  out.work = latency_ms > 0 ? work / latency_ms : 0;
  return out;
}

EvidenceTruth FromLog(const std::vector<LoggedRequest>& entries, double latency_ms) {
  EvidenceTruth out{.method = "log", .stages = {}, .latency_ms = latency_ms};
  StageMap<std::vector<double>> samples;
  for (const LoggedRequest& entry : entries) {
    bool any = false;
    for (Stage stage : kStages) {
      if (entry.stages[stage].count() <= 0) continue;
      samples[stage].push_back(MsOf(entry.stages[stage]));
      any = true;
    }
    out.samples += any;
  }
  for (const auto& [stage, values] : samples) {
    if (stage != Stage::kOverhead && 2 * values.size() >= static_cast<size_t>(out.samples))
      out.stages[stage] = Median(values);
  }
  return out;
}

std::map<std::string, EvidenceTruth> LogOf(RunningServer& running, const std::string& image_url,
                                           const std::vector<std::string>& paths, double seconds,
                                           const std::atomic<bool>* stop) {
  std::map<std::string, EvidenceTruth> out;
  Client client({.headers = running.headers});
  running.TakeLog();
  for (const auto& path : paths) {
    std::vector<double> latencies;
    const auto start = std::chrono::steady_clock::now();
    while (latencies.size() < 3 ||
           (latencies.size() < 60 &&
            std::chrono::steady_clock::now() - start < std::chrono::duration<double>(seconds))) {
      if (stop != nullptr && stop->load()) return out;
      const Exchange exchange = client.Get(image_url + "/" + path);
      if (exchange.status != 200) return out;
      latencies.push_back(MsOf(exchange.latency()));
    }
    // The last entry may be written after its answer has arrived.
    std::vector<LoggedRequest> entries;
    for (int wait = 0; wait < 50 && entries.size() < latencies.size(); ++wait) {
      for (auto& entry : running.TakeLog()) {
        if (entry.path.find(path) != std::string::npos) entries.push_back(std::move(entry));
      }
      if (entries.size() < latencies.size())
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EvidenceTruth truth = FromLog(entries, Median(latencies));
    if (truth.samples > 0 && !truth.stages.empty()) out[path] = std::move(truth);
  }
  return out;
}

RealError CompareWith(const RequestAttribution& request, const EvidenceTruth& truth) {
  const double scale = request.measured_ms > 0 ? truth.latency_ms / request.measured_ms : 1;
  Stages estimated;
  for (const auto& [stage, estimate] : request.stages) estimated[stage] = estimate.ms * scale;
  auto merged = request.merged;
  std::vector<Stage> unnamed = {Stage::kOverhead};
  for (Stage stage : kSplit) {
    // Reading within a decode is the decode's where the evidence does not tell them apart.
    if (stage != Stage::kRead && truth.stages.count(stage) == 0) unnamed.push_back(stage);
  }
  if (unnamed.size() > 1) merged.push_back(unnamed);
  if (!truth.together.empty()) merged.push_back(truth.together);
  const StageError error = Compare(estimated, merged, truth.stages, truth.latency_ms);
  RealError out{
      .stages = error.stages, .points = error.points, .signed_points = error.signed_points};
  // What the attribution itself merged, whatever the evidence names.
  out.merged_ms = Compare(estimated, request.merged, truth.stages, truth.latency_ms).merged_ms;
  return out;
}

}  // namespace iiifbench
