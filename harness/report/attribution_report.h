// attribution_report: an attribution as JSON and as text.
//
// JSON, schema 1: {schema, time, commit, command, machine, url, source, codec, seconds, rounds,
// sentence, about (the path that it is about), requests[{path, n, measured_ms, predicted_ms (by the
// fit alone), first_byte_ms, stages{name: {ms, low, high}}, merged[[name...]], unexplained_ms,
// methods{method: {stage: ms}}, reconciled[{stage, ms{method}}], pixels{decoded, needed, out}}],
// strategy{stage: {name, identified, runner_up, error, runner_up_error, and of resize
// filter{filter, levels, rms, alike, identified, level_identified, runner_up{}, sentence} by
// pixels}}, methods[name...], multiples{stage: {ms, low, high}}, what_ifs[{path, change, saves_ms,
// low, high, and where tried tried_saves_ms, tried_before_ms, tried_after_ms}], signatures{},
// network{}, findings[], refusals[], errors{model, geometric, naive}, condition, disagreements[],
// probes[{name, path, image, held_out, samples_ms[], fixed_ms}], kernels[{work, ms, samples}]}.
// Times in milliseconds, intervals cover 95 %.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/attribution/model/attribution.h"
#include "harness/attribution/model/observed.h"

namespace iiifbench {

nlohmann::json AttributionToJson(const Attribution& attribution, const Observed& observed,
                                 const std::string& command);
// For people, from the JSON.
std::string AttributionToText(const nlohmann::json& attribution);

}  // namespace iiifbench
