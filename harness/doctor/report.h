// report: the checks of a machine as JSON and as text.
//
// JSON, schema 1: {schema, verdict (the worst grade), checks[{id, grade, found, remedy}]}.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/doctor/check.h"

namespace iiifbench {

nlohmann::json ChecksToJson(const std::vector<Check>& checks);
// A line a check, its remedy below it, and the verdict at the end.
std::string ChecksToText(const std::vector<Check>& checks);

}  // namespace iiifbench
