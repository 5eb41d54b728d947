// stage_bar: the stages of one request as a row of letters, one letter a stage.
//
// Each part gets letters in proportion to its time; a part that was not told apart alternates the
// letters of its stages. Rounding is of the running sum, so that a bar is never longer than its
// whole. What is left up to the measured time is unexplained ('?').
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/report/page/parts.h"
#include "harness/report/terminal/terminal_text.h"

namespace iiifbench {

// 'd' for "decode"; every stage has its own. '?' for any other name.
char StageLetter(std::string_view stage);

// `letters` stand for `whole_ms`; parts beyond that are cut.
std::string StageBar(const std::vector<Part>& parts, double whole_ms, size_t letters,
                     const TerminalStyle& style);

// "  n network  w wait ..." of the stages given and, where asked, of what is unexplained: lines.
std::vector<std::string> StageLegend(const std::vector<std::string>& stages, bool unexplained,
                                     const TerminalStyle& style);

}  // namespace iiifbench
