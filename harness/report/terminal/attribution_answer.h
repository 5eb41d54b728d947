// attribution_answer: what `iiifbench attribute` prints by default: the answer in at most 30 lines.
//
// From the top: why it is refused, if it is; the sentence; what to change first; a bar for each
// request with our kernels' beside it; how the server works, a line a stage; what could not be told
// and the command that would tell it; findings as far as lines are left. The rest is in the JSON,
// on the page and behind --verbose (AttributionToText). Units: milliseconds.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/report/terminal/terminal_text.h"

namespace iiifbench {

constexpr size_t kAnswerLines = 30;

// From the JSON of AttributionToJson.
std::string AttributionAnswer(const nlohmann::json& attribution, const TerminalStyle& style);

}  // namespace iiifbench
