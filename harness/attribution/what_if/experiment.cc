#include "harness/attribution/what_if/experiment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "harness/answers/response_check.h"
#include "harness/servers/launch/launch.h"
#include "harness/stats/milliseconds.h"
#include "harness/stats/quantile.h"
#include "harness/stats/robust.h"

namespace iiifbench {
namespace {

constexpr double kWorthALine = 0.05;  // of the request, predicted or measured

}  // namespace

void PrepareRequests(Experiment& experiment) {
  for (const Case& c : experiment.observed.cases) {
    if (c.held_out && c.probe.path.find("/max/") != std::string::npos)
      experiment.version = ApiVersion::k3;
  }
  for (const Case& c : experiment.observed.cases) {
    if (!c.held_out || c.samples_ms.empty()) continue;
    auto now = ChangedRequest(c, c.probe.path, experiment.version, 0, experiment.costs);
    if (!now) continue;
    HeldOutRequest request{
        .now = *now, .baseline = {.fixed_ms = c.fixed_ms, .fit_error = experiment.model.error}};
    request.usual_ms = Median(c.samples_ms);
    request.baseline.fitted = MatrixOf({c}, experiment.model.hypothesis, *experiment.observed.costs,
                                       experiment.observed.foreign_encoder)
                                  .row(0);
    if (const auto methods = experiment.observed.methods.find(c.probe.path);
        methods != experiment.observed.methods.end()) {
      if (const auto profile = methods->second.find("profile"); profile != methods->second.end()) {
        for (const auto& [stage, samples] : profile->second)
          request.baseline.profile[stage] = Median(samples);
      }
    }
    experiment.requests.push_back(std::move(request));
  }
}

std::string FileName(const Experiment& experiment) {
  return std::filesystem::path(experiment.options.source).filename();
}

Baseline BaselineNow(Experiment& experiment, const HeldOutRequest& request) {
  std::vector<double> samples;
  double spent = 0;
  for (int i = 0; i < 15 && (i < 3 || spent < 500); ++i) {
    samples.push_back(MsOf(
        experiment.client
            .Get(UrlOf(*experiment.options.running, FileName(experiment), request.now.probe.path))
            .latency()));
    spent += samples.back();
  }
  Baseline baseline = request.baseline;
  baseline.latency_ms = Median(samples);
  baseline.noise_ms = 2 * MedianError(samples);
  return baseline;
}

Prediction Predict(Experiment& experiment, const HeldOutRequest& request,
                   const PlannedChange& change) {
  return PredictChange(BaselineNow(experiment, request), request.now, change, experiment.model,
                       experiment.costs, experiment.observed.foreign_encoder);
}

void Measure(Experiment& experiment, const HeldOutRequest& request,
             const Intervention& intervention, const Prediction& predicted, Tried& out) {
  std::vector<double> before, after;
  Result<Image> first = Fail(ErrorKind::kNotFound, "no answer");
  for (const auto& url :
       {intervention.url_now, intervention.url_new}) {  // warm; also the check that it is answered
    const Exchange exchange = experiment.client.Get(url);
    if (exchange.status == 200) {
      if (!intervention.same_picture) continue;
      // OpenJPEG 2.5.0 answers grey, with success, for regions of HTJ2K.
      if (!first) {
        first = DecodeWhole(*Source::Borrow(exchange.body, "answer"));
        continue;
      }
      const auto right = CheckResponse(exchange, first->view());
      if (right) continue;
      {
        out.Not(intervention.kind,
                fmt::format("{}: not tried: {}", intervention.words, right.error().message));
        return;
      }
    }
    {
      out.Not(intervention.kind, fmt::format("{}: not tried: the server answers {} {}",
                                             intervention.words, exchange.status, exchange.error));
      return;
    }
  }
  // Three arms in turn: as it is, changed, and as it is once more, which says what a difference of
  // nothing is.
  const std::string same =
      intervention.url_same.empty() ? intervention.url_now : intervention.url_same;
  std::vector<double> control;
  std::array<std::pair<const std::string*, std::vector<double>*>, 3> arms = {
      {{&intervention.url_now, &before}, {&intervention.url_new, &after}, {&same, &control}}};
  const auto start = std::chrono::steady_clock::now();
  while (before.size() < 5 || (before.size() < 60 && std::chrono::steady_clock::now() - start <
                                                         experiment.options.budget)) {
    if (Stopped(experiment)) break;
    for (auto& [url, samples] : arms)
      samples->push_back(MsOf(experiment.client.Get(*url).latency()));
    std::ranges::rotate(arms, arms.begin() + 1);
  }
  if (before.size() < 3 || control.size() != before.size()) return;
  // The machine may have changed since: the prediction is a share, and shares are of the latency
  // now.
  const double scale = predicted.latency_ms > 0 ? Median(before) / predicted.latency_ms : 1;
  WhatIf what{.path = request.now.probe.path,
              .change = intervention.words,
              .kind = intervention.kind,
              .saves_ms = scale * predicted.saves_ms,
              .low = scale * predicted.low,
              .high = scale * predicted.high,
              .tried_saves_ms = Median(before) - Median(after),
              .tried_before_ms = Median(before),
              .tried_after_ms = Median(after),
              .noise_ms = NoiseFloor(before, after, control),
              .unknown = predicted.unknown};
  const double least = kWorthALine * *what.tried_before_ms;
  if (std::abs(what.saves_ms) < least && std::abs(*what.tried_saves_ms) < least) {
    out.Not(intervention.kind, fmt::format("{}: predicted and measured for {}, less than 5 %",
                                           intervention.words, what.path));
    return;
  }
  out.what_ifs.push_back(std::move(what));
}

Result<std::unique_ptr<RunningServer>> Another(const Experiment& experiment,
                                               const std::string& name,
                                               const std::function<void(ServerSettings&)>& change) {
  ServerSettings settings = experiment.options.settings;
  settings.run_folder += "-" + name;
  change(settings);
  return Launch(*experiment.options.server, settings);
}

// As far as a fresh process goes, all its requests asked: an instance that has served a whole
// attribution has another heap than one that starts, which made "before" up to a tenth faster than
// "after" whatever was changed.
void Warm(Experiment& experiment, const RunningServer& server) {
  for (int i = 0; i < 3; ++i) {
    for (const HeldOutRequest& request : experiment.requests) {
      if (!Stopped(experiment))
        experiment.client.Get(UrlOf(server, FileName(experiment), request.now.probe.path));
    }
  }
}

Tried CompareInstances(
    Experiment& experiment, const std::string& kind, const std::string& words,
    Result<std::unique_ptr<RunningServer>> changed,
    const std::function<std::optional<Prediction>(const HeldOutRequest&)>& predict) {
  Tried out;
  Say(experiment, words);
  if (!changed)
    return out.Not(kind, fmt::format("{}: not tried: {}", words, changed.error().message));
  if (experiment.control == nullptr) {
    auto same = Another(experiment, "control", [](ServerSettings&) {});
    if (!same) return out.Not(kind, fmt::format("{}: not tried: {}", words, same.error().message));
    experiment.control = std::move(*same);
    Warm(experiment, *experiment.control);
    // Processes differ too: what two that are alike differ by is no saving.
    auto again = Another(experiment, "control-again", [](ServerSettings&) {});
    if (again) experiment.same = std::move(*again), Warm(experiment, *experiment.same);
  }
  Warm(experiment, **changed);
  for (const HeldOutRequest& request : experiment.requests) {
    if (Stopped(experiment)) return out;
    const auto predicted = predict(request);
    if (!predicted) continue;
    const std::string& path = request.now.probe.path;
    Measure(
        experiment, request,
        {.kind = kind,
         .words = words,
         .url_now = UrlOf(*experiment.control, FileName(experiment), path),
         .url_new = UrlOf(**changed, FileName(experiment), path),
         .url_same = experiment.same ? UrlOf(*experiment.same, FileName(experiment), path) : ""},
        *predicted, out);
  }
  return out;
}

}  // namespace iiifbench
