// compare_report: the cases of two runs beside each other, with a verdict per case, as JSON and as
// text.
//
// JSON, schema 1: {schema, a, b, interleaved, least_effect, alpha, cases[{name, n_a, n_b, a_ms,
// b_ms, ratio, low, high, noise, again, p, family_p, inflation, too_few, change}], only_in_a[],
// only_in_b[], warnings[]}. Ratio is b / a; noise and least_effect are shares: 0.03 is 3 %; again,
// where A was measured twice in the same rounds, is second A / A, and noise is no less than that.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/report/compare/compare_input.h"

namespace iiifbench {

// Every case that both have. Paired: sample i of both is of one round; the longer side is cut.
nlohmann::json CompareRuns(const TimedRun& a, const TimedRun& b, CompareOptions options);
// For people, from the JSON.
std::string ComparisonToText(const nlohmann::json& comparison);

}  // namespace iiifbench
