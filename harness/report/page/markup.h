// markup: HTML from text that may be hostile, and the marks that the sections share.
//
// Whatever comes from a file goes through Escaped; the other functions take HTML that is escaped
// already. Colours: one per stage, everywhere, from the Okabe-Ito set, which colour-blind people
// can tell apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/findings/finding.h"
#include "harness/report/page/run_files.h"
#include "harness/stats/milliseconds.h"
#include "kernels/image/stage.h"

namespace iiifbench {

// For element content and for attributes in either quotes.
std::string Escaped(std::string_view text);
// The text, and its id with the remedy behind it: where a finding, refusal or reason stands.
std::string Marked(const Finding& finding);
// The id alone, behind a text that is HTML already.
std::string MarkOf(std::string_view id);
std::vector<std::string> MarkedIn(const nlohmann::json& file, const char* texts, const char* ids);
std::string MsOrDash(std::optional<double> ms);
// "2.1 (1.9-2.4)" from an object with ms, low, high.
std::string MsWithInterval(const nlohmann::json& estimate);
std::string Ratio(double ratio);
// Millions with two digits that count.
std::string Millions(double count);

// A section that only says what is missing has this mark.
inline constexpr char kEmpty[] = " class=\"empty\"";
std::string Section(const std::string& id, const std::string& title, const std::string& html);
// What stands where data is missing: what, and the command that makes it.
std::string Missing(std::string_view what, std::string_view command);
// Columns whose heading starts with '>' hold numbers. At least one row.
std::string Table(const std::vector<std::string>& columns,
                  const std::vector<std::vector<std::string>>& rows);
std::string Folded(const std::string& summary, const std::string& html, bool open = false);
std::string Bullets(const std::vector<std::string>& escaped);
std::string Swatch(std::string_view stage);
std::string Legend();
// Where a value stands on an axis from 0 to `end`: "12.34%", within 0-100.
std::string Percent(double value, double end);
// The round number that cuts an axis into three to six parts.
double TickStep(double end);

}  // namespace iiifbench
