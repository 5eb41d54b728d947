// study_answer: what `iiifbench study` prints by default: what stands, what is farthest from the
// floor, and one line a server and file type.
//
// A cell is its median and its multiple of our kernels, with the digits that its interval supports
// (MsText). Marks: * breaks a rule of its own, ! is below our kernels, ~ is other work. The whole
// is in study.json, study.md and behind --verbose (StudyToMarkdown). Units: milliseconds.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/report/terminal/terminal_text.h"

namespace iiifbench {

// From the JSON of StudyToJson.
std::string StudyAnswer(const nlohmann::json& study, const TerminalStyle& style);

}  // namespace iiifbench
