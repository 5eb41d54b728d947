// compare_answer: what `iiifbench compare` prints by default: what differs by how much, one line a
// case, and what was not compared.
//
// The first line is the answer: the largest change with its interval, or what would have been seen.
// Then the sides, the cases that changed (largest first) and as many others as lines are left, and
// one line for each reason why something was not compared. Percent have the digits that the
// interval supports. All cases and how they are judged: --json and --verbose (ComparisonToText).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/report/terminal/terminal_text.h"

namespace iiifbench {

// From the JSON of CompareRuns. `rest` says where everything is: the last line.
std::string CompareAnswer(const nlohmann::json& comparison, const std::string& rest,
                          const TerminalStyle& style);

}  // namespace iiifbench
