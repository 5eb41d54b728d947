// load_answer: what `iiifbench load` prints by default: whether it stands, what one client and the
// most take and wait, the knee, one line a point.
//
// Digits as intervals support (MsText). A point that breaks a rule is marked *, and its reason is a
// line. The whole is in the JSON, on the page and behind --verbose (LoadToText). Units:
// milliseconds.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/report/terminal/terminal_text.h"

namespace iiifbench {

// From the JSON of LoadToJson.
std::string LoadAnswer(const nlohmann::json& load, const TerminalStyle& style);

}  // namespace iiifbench
