#include "harness/report/terminal/compare_answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr size_t kCompareLines = 30;
constexpr size_t kReasonLines = 8;    // of all reasons
constexpr size_t kLinesOfReason = 2;  // of one
constexpr size_t kLeastName = 16;

struct ComparedCase {
  std::string name, change;
  double a_ms, b_ms, ratio, low, high, noise;
  bool too_few;
};

bool HasChanged(const ComparedCase& one) { return one.change != "no difference"; }

double ShareOr(const json& one, const char* field, double otherwise) {
  const auto found = one.find(field);
  return found != one.end() && found->is_number() ? found->get<double>() : otherwise;
}

ComparedCase CaseOf(const json& one) {
  return {.name = one.value("name", ""),
          .change = one.value("change", ""),
          .a_ms = ShareOr(one, "a_ms", 0),
          .b_ms = ShareOr(one, "b_ms", 0),
          .ratio = ShareOr(one, "ratio", 1),
          .low = ShareOr(one, "low", 1),
          .high = ShareOr(one, "high", 1),
          .noise = ShareOr(one, "noise", 0),
          .too_few = one.value("too_few", false)};
}

// What a change must exceed to be seen in this case.
double Seen(const ComparedCase& one, double least_effect) {
  return std::max({std::abs(one.low - 1), std::abs(one.high - 1), one.noise, least_effect});
}

// Behind the point of a percentage.
int DigitsOf(double half_width) { return half_width >= 0.01 ? 0 : 1; }

std::string PercentText(double share) {
  return fmt::format("{:.{}f} %", 100 * share, share < 0.1 ? 1 : 0);
}

// "10.2 ms", with three digits that count.
std::string TimeText(double ms) {
  constexpr std::pair<double, const char*> kUnits[] = {{1e-3, "s"}, {1, "ms"}, {1e3, "us"}};
  double value = ms * 1e6;
  const char* unit = "ns";
  for (const auto& [factor, name] : kUnits) {
    if (ms * factor < (factor < 1 ? 10 : 1)) continue;
    value = ms * factor, unit = name;
    break;
  }
  return fmt::format("{:.{}f} {}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, unit);
}

// "+23 % (+18 to +28)"; from twice as long on "x2.3 (2.1 to 2.5)".
std::string ChangeText(const ComparedCase& one) {
  const int digits = DigitsOf((one.high - one.low) / 2);
  if (one.ratio >= 2) {
    return fmt::format("x{:.{}f} ({:.{}f} to {:.{}f})", one.ratio, digits + 1, one.low, digits + 1,
                       one.high, digits + 1);
  }
  return fmt::format("{:+.{}f} % ({:+.{}f} to {:+.{}f})", 100 * (one.ratio - 1), digits,
                     100 * (one.low - 1), digits, 100 * (one.high - 1), digits);
}

// "by 23 % (95 %: 18 to 28 %)".
std::string ByHowMuch(const ComparedCase& one) {
  const int digits = DigitsOf((one.high - one.low) / 2);
  if (one.ratio >= 2) {
    return fmt::format("{:.{}f} times as long (95 %: {:.{}f} to {:.{}f})", one.ratio, digits + 1,
                       one.low, digits + 1, one.high, digits + 1);
  }
  const double least = one.ratio > 1 ? one.low - 1 : 1 - one.high,
               most = one.ratio > 1 ? one.high - 1 : 1 - one.low;
  return fmt::format("by {:.{}f} % (95 %: {:.{}f} to {:.{}f} %)", 100 * std::abs(one.ratio - 1),
                     digits, 100 * least, digits, 100 * most, digits);
}

std::string CountOf(size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// The cases are sorted: the largest change comes first.
std::string FirstLine(const std::vector<ComparedCase>& cases, double least_effect) {
  if (cases.empty()) return "Nothing was compared: no case is in both.";
  size_t slower = 0, faster = 0, few = 0;
  std::vector<double> seen;
  for (const ComparedCase& one : cases) {
    slower += one.change == "slower" ? 1 : 0;
    faster += one.change == "faster" ? 1 : 0;
    if (!HasChanged(one) && one.too_few)
      ++few;
    else
      seen.push_back(Seen(one, least_effect));
  }
  if (few == cases.size())
    return fmt::format("Nothing can be told: {} with too few samples. More rounds or repetitions.",
                       CountOf(few, "case"));
  std::string unjudged = few == 0 ? "" : fmt::format(" {}: too few samples.", CountOf(few, "case"));
  if (slower + faster == 0) {
    std::ranges::sort(seen);
    const double half = seen[(seen.size() - 1) / 2];
    const std::string text =
        fmt::format("No difference in {}; a change above {} would have been seen",
                    CountOf(seen.size(), "case"), PercentText(half));
    if (seen.size() == 1) return text + "." + unjudged;
    return text + fmt::format(" in half of them, above {} in all.", PercentText(seen.back())) +
           unjudged;
  }
  const ComparedCase& most = cases.front();
  const std::string where = ShortenedInMiddle(most.name, 44);
  const auto in = [&](size_t count) {
    return count == 0 ? std::string("in none") : fmt::format("in {}", count);
  };
  std::string text;
  if (cases.size() == 1) {
    text = fmt::format("B is {} in {}: {}.", most.change, where, ByHowMuch(most));
  } else {
    text =
        fmt::format("B is slower {} and faster {} of {}; most: {}, {} {}.", in(slower), in(faster),
                    CountOf(cases.size(), "case"), where, most.change, ByHowMuch(most));
  }
  return text + unjudged;
}

struct Reason {
  std::string why;
  bool compared;  // the cases were
  std::set<std::string> sides, names;
};

// The warnings, those of equal words together, and the cases of one side only.
std::vector<Reason> GroupedReasons(const json& comparison) {
  std::set<std::string> compared;
  for (const json& one : comparison["cases"]) compared.insert(one.value("name", ""));
  std::vector<Reason> reasons;
  const auto note = [&](const std::string& why, const std::string& side, const std::string& name) {
    const bool both = name.empty() || compared.contains(name);
    auto found = std::ranges::find_if(
        reasons, [&](const Reason& one) { return one.why == why && one.compared == both; });
    if (found == reasons.end())
      found = reasons.insert(found, {.why = why, .compared = both, .sides = {}, .names = {}});
    found->sides.insert(side);
    if (!name.empty()) found->names.insert(name);
  };
  for (const json& warning : comparison["warnings"]) {
    std::string text = warning.get<std::string>(), side;
    for (const auto& [key, letter] : {std::pair{"a", "A"}, std::pair{"b", "B"}}) {
      const auto before = fmt::format("{} ({}): ", letter, comparison[key].get<std::string>());
      if (!side.empty() || !text.starts_with(before)) continue;
      text.erase(0, before.size());
      side = letter;
    }
    // What stands before the first colon is the case, where there is one.
    const size_t colon = text.find(": ");
    if (colon == std::string::npos || text.starts_with("NOT REPORTABLE"))
      note(text, side, "");
    else
      note(text.substr(colon + 2), side, text.substr(0, colon));
  }
  for (const auto& [key, side] : {std::pair{"only_in_a", "A"}, std::pair{"only_in_b", "B"}}) {
    for (const json& name : comparison[key])
      note(fmt::format("only {} has it", side), side, name.get<std::string>());
  }
  std::ranges::stable_sort(reasons, std::greater<>(),
                           [](const Reason& one) { return one.why.starts_with("NOT REPORTABLE"); });
  return reasons;
}

// One line for each reason: "- A, NAME and 3 more: why".
std::vector<std::string> ReasonLines(const json& comparison, const TerminalStyle& style) {
  const auto reasons = GroupedReasons(comparison);
  std::vector<std::string> lines;
  for (size_t i = 0; i < reasons.size(); ++i) {
    const Reason& one = reasons[i];
    std::string line = one.compared ? "- " : "- not compared: ";
    line += fmt::format("{}", fmt::join(one.sides, " and "));
    if (!one.names.empty()) line += ", " + ShortenedInMiddle(*one.names.begin(), 48);
    if (one.names.size() > 1) line += fmt::format(" and {} more", one.names.size() - 1);
    const auto wrapped = WrappedAtMost(line + ": " + one.why, style.columns, 2, kLinesOfReason);
    if (lines.size() + wrapped.size() >= kReasonLines && i + 1 < reasons.size()) {
      lines.push_back(fmt::format("- and {}", CountOf(reasons.size() - i, "more reason")));
      break;
    }
    lines.insert(lines.end(), wrapped.begin(), wrapped.end());
  }
  return lines;
}

// At most `room` lines; names are shortened so that the rows fit.
std::vector<std::string> CaseRows(const std::vector<ComparedCase>& cases, double least_effect,
                                  size_t room, const TerminalStyle& style) {
  if (cases.empty() || room < 3) return {};
  const size_t shown = cases.size() + 1 <= room ? cases.size() : room - 2;
  std::vector<std::vector<std::string>> rows = {
      {"case", "A", "B", "change (95 %)", "A/A", "verdict"}};
  for (size_t i = 0; i < shown; ++i) {
    const ComparedCase& one = cases[i];
    const std::string verdict =
        HasChanged(one) ? one.change
        : one.too_few   ? "too few samples"
                        : fmt::format("same within {}", PercentText(Seen(one, least_effect)));
    rows.push_back({one.name, TimeText(one.a_ms), TimeText(one.b_ms), ChangeText(one),
                    PercentText(one.noise), verdict});
  }
  size_t widest = 0, name = 0;
  for (const auto& line : AlignedRows(rows, 1)) widest = std::max(widest, DisplayWidth(line));
  for (const auto& row : rows) name = std::max(name, DisplayWidth(row[0]));
  if (widest > style.columns) {
    const size_t left = std::max(kLeastName, name - std::min(name, widest - style.columns));
    for (auto& row : rows) row[0] = ShortenedInMiddle(row[0], left);
  }
  auto lines = AlignedRows(rows, 1);
  for (auto& line : lines) line = Shortened(line, style.columns);
  if (shown < cases.size()) {
    const auto changed =
        std::count_if(cases.begin() + static_cast<std::ptrdiff_t>(shown), cases.end(), HasChanged);
    lines.push_back(fmt::format("and {}, of which {} differ",
                                CountOf(cases.size() - shown, "more case"),
                                changed == 0 ? "none" : fmt::format("{}", changed)));
  }
  return lines;
}

}  // namespace

std::string CompareAnswer(const json& comparison, const std::string& rest,
                          const TerminalStyle& style) {
  const double least_effect = ShareOr(comparison, "least_effect", 0);
  std::vector<ComparedCase> cases;
  for (const json& one : comparison["cases"]) cases.push_back(CaseOf(one));
  std::ranges::stable_sort(cases, std::greater<>(), [](const ComparedCase& one) {
    return std::pair(HasChanged(one), std::abs(std::log(std::max(one.ratio, 1e-9))));
  });
  auto head = WrappedAtMost(FirstLine(cases, least_effect), style.columns, 2, 3);
  for (const auto& [key, side] : {std::pair{"a", "A: "}, std::pair{"b", "B: "}}) {
    std::string title = comparison[key].get<std::string>();
    std::ranges::replace(title, '\n', ' ');
    head.push_back(ShortenedInMiddle(side + title, style.columns));
  }
  const auto reasons = ReasonLines(comparison, style);
  std::vector<std::string> tail;
  if (!cases.empty()) {
    tail = WrappedAtMost(
        fmt::format("A change exceeds {} and A/A (A against itself), and its interval is all on "
                    "one side of 0.",
                    PercentText(least_effect)),
        style.columns, 2, 2);
    if (!comparison.value("interleaved", false)) {
      const auto order = WrappedAtMost(
          "A and B ran one after the other: a change of the machine counts too; --run interleaves.",
          style.columns, 2, 2);
      tail.insert(tail.end(), order.begin(), order.end());
    }
  }
  const auto last = WrappedAtMost(rest, style.columns, 2, 2);
  tail.insert(tail.end(), last.begin(), last.end());
  const size_t used = head.size() + reasons.size() + tail.size() + 3;  // and lines between
  const auto rows =
      CaseRows(cases, least_effect, kCompareLines - std::min(kCompareLines, used), style);
  std::string out;
  for (const auto& part : {head, rows, reasons, tail}) {
    if (part.empty()) continue;
    if (!out.empty()) out += "\n";
    for (const auto& line : part) out += line + "\n";
  }
  return out;
}

}  // namespace iiifbench
