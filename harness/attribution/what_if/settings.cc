// Another setting of the server, on a second instance of it.
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/corpus.h"
#include "harness/attribution/what_if/experiment.h"
#include "harness/attribution/what_if/offered.h"

namespace iiifbench {

using nlohmann::json;

namespace {

// The fault plan that the reference server was started with.
json FaultPlanOf(const Experiment& experiment) {
  const auto given = experiment.options.settings.options.find("fault-plan");
  if (given == experiment.options.settings.options.end()) return json::object();
  std::ifstream in(given->second);
  return json::parse(in, nullptr, false);  // the server has read it before
}

// An instance of it with another plan.
Result<std::unique_ptr<RunningServer>> WithFaultPlan(const Experiment& experiment,
                                                     const std::string& name, const json& plan) {
  const std::string path = experiment.options.settings.run_folder + "-" + name + ".json",
                    text = plan.dump();
  auto written = WriteFile(path, text);
  if (!written) return written.error();
  auto other =
      Another(experiment, name, [&](ServerSettings& s) { s.options["fault-plan"] = path; });
  std::remove(path.c_str());
  return other;
}

}  // namespace

Tried TryLowerQuality(Experiment& experiment) {
  constexpr int kLower = 75;
  const std::string kind = "quality";
  if (experiment.options.settings.jpeg_quality <= kLower)
    return Tried{}.Not(kind, fmt::format("answers have quality {} already",
                                         experiment.options.settings.jpeg_quality));
  for (const HeldOutRequest& request : experiment.requests) {
    // A server that is fixed at another quality does not take ours.
    if (request.now.answer.options.quality != experiment.options.settings.jpeg_quality)
      return Tried{}.Not(
          kind, fmt::format("{} answers with quality {}, whatever it is told",
                            experiment.options.server->title, request.now.answer.options.quality));
  }
  if (Stopped(experiment)) return {};
  return CompareInstances(
      experiment, kind,
      fmt::format("answer with JPEG quality {} instead of {}", kLower,
                  experiment.options.settings.jpeg_quality),
      Another(experiment, "quality", [](ServerSettings& s) { s.jpeg_quality = kLower; }),
      [&](const HeldOutRequest& request) -> std::optional<Prediction> {
        auto then = ChangedRequest(request.now, request.now.probe.path, experiment.version, kLower,
                                   experiment.costs);
        if (!then) return std::nullopt;
        return Predict(experiment, request, {.then = &*then});
      });
}

Tried TryCache(Experiment& experiment) {
  const std::string kind = "cache";
  if (experiment.options.server->name != "reference")
    return Tried{}.Not(
        kind, fmt::format("not tried: no setting of {} is known here that keeps every answer",
                          experiment.options.server->title));
  if (Stopped(experiment)) return {};
  json plan = FaultPlanOf(experiment);
  plan["cache"] = true;
  return CompareInstances(experiment, kind, "keep answers in a cache (repeated requests)",
                          WithFaultPlan(experiment, "cache", plan),
                          [&](const HeldOutRequest& request) {
                            return PredictHit(BaselineNow(experiment, request), experiment.model);
                          });
}

// What a fault plan makes the reference server do worse, undone one by one. The prediction knows
// the fit and nothing of the plan.
Tried TryRepairs(Experiment& experiment) {
  if (experiment.options.server->name != "reference" ||
      experiment.options.settings.options.count("fault-plan") == 0)
    return {};
  Tried out;
  const Hypothesis& hypothesis = experiment.model.hypothesis;
  Hypothesis best = hypothesis, once = hypothesis, fast = hypothesis;
  best.habit = {}, once.resample_always = false, fast.by_taps = false;
  const auto without = [](const char* object, Stage stage) {
    return [object, stage](json& plan) {
      if (plan.contains(object)) plan[object].erase(std::string(StageName(stage)));
    };
  };
  struct Repair {
    const char* kind;
    std::string words;
    std::function<void(json&)> change;
    PlannedChange predicted;
  };
  const Repair repairs[] = {
      {experiment.observed.codec == "jpeg" ? "DCT scaling" : "levels",
       DecodeAdvice(experiment.observed.codec, *experiment.observed.info, hypothesis.habit),
       [](json& plan) { plan.erase("access"), plan.erase("levels"); },
       {.how = &best}},
      {"faster decoder",
       "decode as fast as the best library",
       without("multiplier", Stage::kDecode),
       {.multiples = {{kDecode, 1}}}},
      {"faster resize",
       "resize with SIMD",
       without("multiplier", Stage::kResize),
       {.how = &fast, .multiples = {{kResize, 1}}}},
      {"no-op resize",
       "do not resample where sizes are equal",
       [](json& plan) { plan.erase("resample_always"); },
       {.how = &once}},
      {"faster encoder",
       "encode with libjpeg-turbo at the same settings",
       without("multiplier", Stage::kEncode),
       {.multiples = {{kEncode, 1}}}},
      {"metadata kept",
       "keep the file's metadata instead of parsing it for each request",
       [](json& plan) { plan.erase("parse_ms_per_mb"); },
       {.multiples = {{kAdditional, 0}}}}};
  for (const Repair& repair : repairs) {
    if (Stopped(experiment)) return out;
    json plan = FaultPlanOf(experiment);
    repair.change(plan);
    if (plan == FaultPlanOf(experiment)) continue;
    Tried tried = CompareInstances(experiment, repair.kind, repair.words,
                                   WithFaultPlan(experiment, "repair", plan),
                                   [&](const HeldOutRequest& request) -> std::optional<Prediction> {
                                     return Predict(experiment, request, repair.predicted);
                                   });
    for (auto& what : tried.what_ifs) out.what_ifs.push_back(std::move(what));
    for (auto& line : tried.not_offered) out.not_offered.push_back(std::move(line));
  }
  return out;
}

}  // namespace iiifbench
