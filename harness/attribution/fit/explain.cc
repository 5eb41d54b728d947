#include "harness/attribution/fit/explain.h"

#include <algorithm>

#include "harness/attribution/fit/floor.h"
#include "harness/attribution/fit/merge_stages.h"
#include "harness/attribution/fit/request_total.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

std::optional<ProcessUsage> MedianUsage(const Observed& observed, const std::string& path) {
  const auto found = observed.process.find(path);
  if (found == observed.process.end() || found->second.empty()) return {};
  const auto median = [&](double ProcessUsage::*field) {
    std::vector<double> values;
    for (const ProcessUsage& usage : found->second) values.push_back(usage.*field);
    return Median(values);
  };
  return ProcessUsage{.on_cpu_ms = median(&ProcessUsage::on_cpu_ms),
                      .run_queue_ms = median(&ProcessUsage::run_queue_ms),
                      .faults = median(&ProcessUsage::faults),
                      .major_faults = median(&ProcessUsage::major_faults),
                      .child_faults = median(&ProcessUsage::child_faults),
                      .file_mb = median(&ProcessUsage::file_mb),
                      .peak_rss_mb = median(&ProcessUsage::peak_rss_mb)};
}

std::optional<StoreUse> MedianStoreUse(const Observed& observed, const std::string& path) {
  std::vector<double> requests, mb;
  for (const StoreSample& sample : observed.store_samples) {
    if (sample.path != path) continue;
    requests.push_back(sample.stall.requests);
    mb.push_back(static_cast<double>(sample.stall.bytes) / 1e6);
  }
  if (requests.empty()) return {};
  return StoreUse{.requests = Median(requests), .mb = Median(mb)};
}

// What the rivals say beside what the best says. A stage that one of them does not have is 0 there.
void TakeRival(const StageSplit& rival, StageSplit& split) {
  size_t draws = 0, more = 0;
  for (const auto& [stage, samples] : split.separable) draws = std::max(draws, samples.size());
  for (const auto& [stage, samples] : rival.separable) more = std::max(more, samples.size());
  for (const auto& [stage, estimate] : rival.stages) split.stages.try_emplace(stage);
  for (auto& [stage, estimate] : split.stages) {
    const auto found = rival.stages.find(stage);
    const StageEstimate other = found == rival.stages.end() ? StageEstimate{} : found->second;
    estimate.low = std::min(estimate.low, other.low);
    estimate.high = std::max(estimate.high, other.high);
  }
  for (const auto& [stage, samples] : rival.separable) split.separable.try_emplace(stage);
  for (auto& [stage, samples] : split.separable) {
    samples.resize(draws, 0);
    const auto found = rival.separable.find(stage);
    if (found != rival.separable.end())
      samples.insert(samples.end(), found->second.begin(), found->second.end());
    samples.resize(draws + more, 0);
  }
}

}  // namespace

RequestAttribution ExplainRequest(Observed& observed, const Fitted& fitted, size_t number,
                                  std::span<const Fitted* const> rivals) {
  const Case& c = observed.cases[number];
  const Candidate& best = fitted.best;
  const Eigen::VectorXd& beta = fitted.model.beta;
  const auto row = static_cast<Eigen::Index>(number);
  RequestAttribution request{.path = c.probe.path,
                             .samples = static_cast<int>(c.samples_ms.size()),
                             .measured_ms = Median(c.samples_ms),
                             .first_byte_ms = Median(c.first_byte_ms)};
  request.predicted_ms = c.fixed_ms + best.all.row(row).dot(beta);
  StageSplit split = fitted.intervals.Of(c, row);
  for (const Fitted* rival : rivals) TakeRival(rival->intervals.Of(c, row), split);
  request.stages = std::move(split.stages);
  MergeStages(best.fitted, split.separable, request);
  // What every image request costs beyond an info.json, whatever it is: the program, or the latency
  // of its storage. An info.json that costs more than a picture tells nothing of either.
  const double beyond =
      beta[kInfo] > 1.5 * beta[kImage] ? beta[kImage] : beta[kImage] - beta[kInfo];
  const bool tapped = !c.read_ms.empty();
  if (!tapped && beyond > 0.05 * request.measured_ms)
    MergeWith(request, Stage::kOverhead, Stage::kRead);
  // A file that is read or parsed for each request: which of the two, nobody outside can say. A tap
  // can.
  if (!tapped && best.hypothesis.additional == Additional::kFile && beta[kAdditional] > 0)
    MergeWith(request, Stage::kOverhead, Stage::kRead);
  // Storage that is slow per byte looks like a slow decoder. And nobody decodes in half our
  // kernel's time (the floor holds): where the fit says so, what is missing stands under read.
  const bool decodes = best.all.row(row)[kDecode] > 0;
  if (tapped) {
    request.stages[Stage::kRead] = {Median(c.read_ms), Quantile(c.read_ms, 0.025),
                                    Quantile(c.read_ms, 0.975)};
  } else if (beta[kDecode] > kMostDecode || (decodes && beta[kDecode] < kLeastDecode))
    MergeWith(request, Stage::kDecode, Stage::kRead);
  const CaseWorks works = WorksOf(c, best.hypothesis, *observed.costs);
  if (!tapped && works.decode >= 0 && best.hypothesis.additional != Additional::kRead) {
    // Our own time in read calls for the same bytes; the server's, unless its storage is slower
    // than ours.
    StageEstimate& decode = request.stages[Stage::kDecode];
    StageEstimate& overhead = request.stages[Stage::kOverhead];
    const StageEstimate read =
        OwnMeasure(std::min(observed.costs->read_ms(works.decode), decode.ms),
                   observed.costs->read_samples_ms(works.decode));
    for (double* value : {&decode.ms, &decode.low, &decode.high})
      *value = std::max(0.0, *value - read.ms);
    // Any part of what a picture costs beyond an info.json may be the storage's latency instead.
    const double latency = std::clamp(beyond, 0.0, overhead.ms);
    request.stages[Stage::kRead] = {read.ms, read.low, read.high + latency};
    overhead.low = std::min(overhead.low, overhead.ms - latency);
  }
  auto plan = PlanOf(c, best.hypothesis);
  if (plan) {
    request.pixels_decoded = plan->level_region.size().pixels();
    request.pixels_needed = plan->crop.size().pixels();
    request.pixels_out = plan->output.pixels();
    if (plan->quality != Quality::kDefault || !plan->orientation.identity()) {
      const int work = observed.costs->Convert(*plan, c.info->channels);
      for (int i = 0; i < 5; ++i) observed.costs->Measure(work);
      request.stages[Stage::kConvert] =
          OwnMeasure(observed.costs->ms(work), observed.costs->samples_ms(work));
    }
  }
  double sum = 0;
  for (const auto& [name, estimate] : request.stages) sum += estimate.ms;
  request.unexplained_ms = request.measured_ms - sum;
  if (const auto found = observed.methods.find(c.probe.path); found != observed.methods.end()) {
    for (const auto& [method, samples] : found->second) {
      for (const auto& [part, values] : samples) request.methods[method][part] = Median(values);
    }
  }
  for (const auto& [stage, estimate] : request.stages)
    request.methods["probe"][stage] = estimate.ms;
  for (const auto& model : fitted.simpler) {
    // Told what the request took, as ours is.
    if (number < model.stages.size())
      request.methods[model.name] =
          PartsOfStages(GivenTotal(model.stages[number], Median(c.service_ms())));
  }
  request.floor_ms = FloorOf(c, *observed.costs);
  request.methods["floor"] = PartsOfStages(request.floor_ms);
  request.process = MedianUsage(observed, c.probe.path);
  request.store = MedianStoreUse(observed, c.probe.path);
  return request;
}

}  // namespace iiifbench
