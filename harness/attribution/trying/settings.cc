// Another setting of the server, on a second instance of it.
#include <nlohmann/json.hpp>

#include "harness/attribution/trying/trials.h"
#include "harness/attribution/what_if.h"

namespace iiifbench {

using nlohmann::json;

void Trials::Quality() {
  constexpr int kLower = 75;
  const std::string kind = "quality";
  if (options_.settings.jpeg_quality <= kLower)
    return NotOffered(
        kind, fmt::format("answers have quality {} already", options_.settings.jpeg_quality));
  for (const Asked& asked : asked_) {
    // A server that is fixed at another quality does not take ours.
    if (asked.now.answer.options.quality != options_.settings.jpeg_quality)
      return NotOffered(kind,
                        fmt::format("{} answers with quality {}, whatever it is told",
                                    options_.server->title, asked.now.answer.options.quality));
  }
  if (Stopped()) return;
  CompareInstances(kind,
                   fmt::format("answer with JPEG quality {} instead of {}", kLower,
                               options_.settings.jpeg_quality),
                   Another("quality", [](ServerSettings& s) { s.jpeg_quality = kLower; }),
                   [&](const Asked& asked) -> std::optional<Prediction> {
                     auto then =
                         ChangedRequest(asked.now, asked.now.probe.path, version_, kLower, costs_);
                     if (!then) return std::nullopt;
                     return Predict(asked, {.then = &*then});
                   });
}

void Trials::Cache() {
  const std::string kind = "cache";
  if (options_.server->name != "reference")
    return NotOffered(
        kind, fmt::format("not tried: no setting of {} is known here that keeps every answer",
                          options_.server->title));
  if (Stopped()) return;
  json plan = Plan();
  plan["cache"] = true;
  CompareInstances(kind, "keep answers in a cache (repeated requests)", WithPlan("cache", plan),
                   [&](const Asked& asked) { return PredictHit(GroundNow(asked), *a_.model); });
}

// What a fault plan makes the reference server do worse, undone one by one. The prediction knows
// the fit and nothing of the plan.
void Trials::Repairs() {
  if (options_.server->name != "reference" || options_.settings.options.count("fault-plan") == 0)
    return;
  const Hypothesis& hypothesis = a_.model->hypothesis;
  Hypothesis best = hypothesis, once = hypothesis, fast = hypothesis;
  best.habit = {}, once.resample_always = false, fast.by_taps = false;
  const auto without = [](const char* object, const char* stage) {
    return [object, stage](json& plan) {
      if (plan.contains(object)) plan[object].erase(stage);
    };
  };
  struct Repair {
    const char* kind;
    std::string words;
    std::function<void(json&)> change;
    PlannedChange predicted;
  };
  const Repair repairs[] = {{o_.codec == "jpeg" ? "DCT scaling" : "levels",
                             DecodeAdvice(o_.codec, *o_.info, hypothesis.habit),
                             [](json& plan) { plan.erase("access"), plan.erase("levels"); },
                             {.how = &best}},
                            {"faster decoder",
                             "decode as fast as the best library",
                             without("multiplier", "decode"),
                             {.multiples = {{kDecode, 1}}}},
                            {"faster resize",
                             "resize with SIMD",
                             without("multiplier", "resize"),
                             {.how = &fast, .multiples = {{kResize, 1}}}},
                            {"no-op resize",
                             "do not resample where sizes are equal",
                             [](json& plan) { plan.erase("resample_always"); },
                             {.how = &once}},
                            {"faster encoder",
                             "encode with libjpeg-turbo at the same settings",
                             without("multiplier", "encode"),
                             {.multiples = {{kEncode, 1}}}},
                            {"metadata kept",
                             "keep the file's metadata instead of parsing it for each request",
                             [](json& plan) { plan.erase("parse_ms_per_mb"); },
                             {.multiples = {{kAdditional, 0}}}}};
  for (const Repair& repair : repairs) {
    if (Stopped()) return;
    json plan = Plan();
    repair.change(plan);
    if (plan == Plan()) continue;
    CompareInstances(repair.kind, repair.words, WithPlan("repair", plan),
                     [&](const Asked& asked) -> std::optional<Prediction> {
                       return Predict(asked, repair.predicted);
                     });
  }
}

}  // namespace iiifbench
