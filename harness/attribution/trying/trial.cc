#include "harness/attribution/trying/trial.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/corpus.h"
#include "harness/attribution/trying/noise_floor.h"
#include "harness/attribution/trying/not_offered.h"
#include "harness/attribution/trying/trials.h"
#include "harness/answers/response_check.h"
#include "harness/servers/launch/launch.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

constexpr double kWorthALine = 0.05;  // of the request, predicted or measured

}  // namespace

double Milliseconds(const Exchange& exchange) {
  return std::chrono::duration<double, std::milli>(exchange.latency()).count();
}

Trials::Trials(const TrialOptions& options, Observed& o, Attribution& a)
    : options_(options), o_(o), a_(a), client_({.headers = options.running->headers}) {
  for (const Case& c : o_.cases) {
    if (c.held_out && c.probe.path.find("/max/") != std::string::npos) version_ = ApiVersion::k3;
  }
  for (const Case& c : o_.cases) {
    if (!c.held_out || c.samples_ms.empty()) continue;
    auto now = ChangedRequest(c, c.probe.path, version_, 0, costs_);
    if (!now) continue;
    Asked asked{.now = *now, .ground = {.fixed_ms = c.fixed_ms, .fit_error = a_.fit_error}};
    asked.usual_ms = Median(c.samples_ms);
    asked.ground.fitted = MatrixOf({c}, a_.model->hypothesis, *o_.costs, o_.foreign_encoder).row(0);
    if (const auto methods = o_.methods.find(c.probe.path); methods != o_.methods.end()) {
      if (const auto profile = methods->second.find("profile"); profile != methods->second.end()) {
        for (const auto& [stage, samples] : profile->second)
          asked.ground.profile[stage] = Median(samples);
      }
    }
    asked_.push_back(std::move(asked));
  }
}

std::string Trials::file() const { return std::filesystem::path(options_.source).filename(); }

Ground Trials::GroundNow(const Asked& asked) {
  std::vector<double> samples;
  double spent = 0;
  for (int i = 0; i < 15 && (i < 3 || spent < 500); ++i) {
    samples.push_back(
        Milliseconds(client_.Get(UrlOf(*options_.running, file(), asked.now.probe.path))));
    spent += samples.back();
  }
  Ground ground = asked.ground;
  ground.latency_ms = Median(samples);
  ground.noise_ms = 2 * MedianError(samples);
  return ground;
}

void Trials::Record(WhatIf what) {
  // What was only offered before is a line of its own no longer.
  std::erase_if(a_.what_ifs, [&](const WhatIf& other) {
    return !other.tried_saves_ms && other.path == what.path && other.kind == what.kind;
  });
  a_.what_ifs.push_back(std::move(what));
}

void Trials::Measure(const Asked& asked, const Attempt& attempt, const Prediction& predicted) {
  std::vector<double> before, after;
  Result<Image> first = Fail(ErrorKind::kNotFound, "no answer");
  for (const auto& url :
       {attempt.url_now, attempt.url_new}) {  // warm; also the check that it is answered
    const Exchange exchange = client_.Get(url);
    if (exchange.status == 200) {
      if (!attempt.same_picture) continue;
      // OpenJPEG 2.5.0 answers grey, with success, for regions of HTJ2K.
      if (!first) {
        first = DecodeWhole(*Source::Borrow(exchange.body, "answer"));
        continue;
      }
      const auto right = CheckResponse(exchange, first->view());
      if (right) continue;
      return NotOffered(attempt.kind,
                        fmt::format("{}: not tried: {}", attempt.words, right.error().message));
    }
    return NotOffered(attempt.kind, fmt::format("{}: not tried: the server answers {} {}",
                                                attempt.words, exchange.status, exchange.error));
  }
  // Three arms in turn: as it is, changed, and as it is once more, which says what a difference of
  // nothing is.
  const std::string same = attempt.url_same.empty() ? attempt.url_now : attempt.url_same;
  std::vector<double> control;
  std::array<std::pair<const std::string*, std::vector<double>*>, 3> arms = {
      {{&attempt.url_now, &before}, {&attempt.url_new, &after}, {&same, &control}}};
  const auto start = std::chrono::steady_clock::now();
  while (before.size() < 5 ||
         (before.size() < 60 && std::chrono::steady_clock::now() - start < options_.budget)) {
    if (Stopped()) break;
    for (auto& [url, samples] : arms) samples->push_back(Milliseconds(client_.Get(*url)));
    std::ranges::rotate(arms, arms.begin() + 1);
  }
  if (before.size() < 3 || control.size() != before.size()) return;
  // The machine may have changed since: the prediction is a share, and shares are of the latency
  // now.
  const double scale = predicted.latency_ms > 0 ? Median(before) / predicted.latency_ms : 1;
  WhatIf what{.path = asked.now.probe.path,
              .change = attempt.words,
              .kind = attempt.kind,
              .saves_ms = scale * predicted.saves_ms,
              .low = scale * predicted.low,
              .high = scale * predicted.high,
              .tried_saves_ms = Median(before) - Median(after),
              .tried_before_ms = Median(before),
              .tried_after_ms = Median(after),
              .noise_ms = NoiseFloor(before, after, control),
              .unknown = predicted.unknown};
  const double least = kWorthALine * *what.tried_before_ms;
  if (std::abs(what.saves_ms) < least && std::abs(*what.tried_saves_ms) < least)
    return NotOffered(attempt.kind, fmt::format("{}: predicted and measured for {}, less than 5 %",
                                                attempt.words, what.path));
  Record(std::move(what));
}

Result<std::unique_ptr<RunningServer>> Trials::Another(
    const std::string& name, const std::function<void(ServerSettings&)>& change) const {
  ServerSettings settings = options_.settings;
  settings.run_folder += "-" + name;
  change(settings);
  return Launch(*options_.server, settings);
}

nlohmann::json Trials::Plan() const {
  const auto given = options_.settings.options.find("fault-plan");
  if (given == options_.settings.options.end()) return nlohmann::json::object();
  std::ifstream in(given->second);
  return nlohmann::json::parse(in, nullptr, false);  // the server has read it before
}

Result<std::unique_ptr<RunningServer>> Trials::WithPlan(const std::string& name,
                                                        const nlohmann::json& plan) const {
  const std::string path = options_.settings.run_folder + "-" + name + ".json", text = plan.dump();
  auto written = WriteWhole(path, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  if (!written) return written.error();
  auto other = Another(name, [&](ServerSettings& s) { s.options["fault-plan"] = path; });
  std::remove(path.c_str());
  return other;
}

// As far as a fresh process goes, all its requests asked: an instance that has served a whole
// attribution has another heap than one that starts, which made "before" up to a tenth faster than
// "after" whatever was changed.
void Trials::Warm(const RunningServer& server) {
  for (int i = 0; i < 3; ++i) {
    for (const Asked& asked : asked_) {
      if (!Stopped()) client_.Get(UrlOf(server, file(), asked.now.probe.path));
    }
  }
}

void Trials::CompareInstances(
    const std::string& kind, const std::string& words,
    Result<std::unique_ptr<RunningServer>> changed,
    const std::function<std::optional<Prediction>(const Asked&)>& predict) {
  Say(words);
  if (!changed)
    return NotOffered(kind, fmt::format("{}: not tried: {}", words, changed.error().message));
  if (control_ == nullptr) {
    auto same = Another("control", [](ServerSettings&) {});
    if (!same)
      return NotOffered(kind, fmt::format("{}: not tried: {}", words, same.error().message));
    control_ = std::move(*same);
    Warm(*control_);
    // Processes differ too: what two that are alike differ by is no saving.
    auto again = Another("control-again", [](ServerSettings&) {});
    if (again) same_ = std::move(*again), Warm(*same_);
  }
  Warm(**changed);
  for (const Asked& asked : asked_) {
    if (Stopped()) return;
    const auto predicted = predict(asked);
    if (!predicted) continue;
    const std::string& path = asked.now.probe.path;
    Measure(asked,
            {.kind = kind,
             .words = words,
             .url_now = UrlOf(*control_, file(), path),
             .url_new = UrlOf(**changed, file(), path),
             .url_same = same_ ? UrlOf(*same_, file(), path) : ""},
            *predicted);
  }
}

void Trials::Run() {
  Requests();
  Sources();
  Sidecar();
  Quality();
  Cache();
  Repairs();
  Workers();
  RankWhatIfs(a_.what_ifs);
}

void TryChanges(const TrialOptions& options, Observed& observed, Attribution& attribution) {
  if (options.server == nullptr || options.running == nullptr || !attribution.model) return;
  Trials(options, observed, attribution).Run();
}

}  // namespace iiifbench
