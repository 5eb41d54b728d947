#include "harness/report/terminal/attribution_answer.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "harness/findings/finding.h"
#include "harness/report/change_first.h"
#include "harness/report/terminal/stage_bar.h"
#include "harness/stats/milliseconds.h"
#include "kernels/image/stage.h"

namespace iiifbench {
namespace {

using nlohmann::json;
using Lines = std::vector<std::string>;

constexpr size_t kFindings = 4;                           // lines kept for them
constexpr size_t kMostRequests = 4, kFewestRequests = 2;  // that have a bar

void AddWrapped(Lines& lines, std::string_view text, const TerminalStyle& style,
                size_t most = kAnswerLines) {
  auto wrapped = Wrapped(text, style.columns, 2);
  if (wrapped.size() > most) {
    wrapped.resize(most);
    wrapped.back() = Shortened(wrapped.back() + " ...", style.columns);
    if (!wrapped.back().ends_with("...")) wrapped.back() += " ...";
  }
  lines.insert(lines.end(), wrapped.begin(), wrapped.end());
}

// The slowest first.
std::vector<const json*> ShownRequests(const json& a, size_t most) {
  std::vector<const json*> out;
  for (const json& request : a["requests"]) out.push_back(&request);
  std::ranges::stable_sort(out, std::greater<>(),
                           [](const json* r) { return (*r)["measured_ms"].get<double>(); });
  if (out.size() > most) out.resize(most);
  return out;
}

std::vector<Part> FloorParts(const json& request) {
  std::vector<Part> out;
  const json methods = request.value("methods", json::object());
  const json floor = methods.value("floor", json::object());
  for (const Stage stage : kStages) {
    const std::string name(StageName(stage));
    if (const double ms = floor.value(name, 0.0); ms > 0)
      out.push_back({.stages = {name}, .ms = ms});
  }
  return out;
}

double Sum(const std::vector<Part>& parts) {
  double sum = 0;
  for (const Part& part : parts) sum += part.ms;
  return sum;
}

Lines Bars(const json& a, size_t most, const TerminalStyle& style) {
  const auto requests = ShownRequests(a, most);
  size_t names = 0;
  double longest = 0;
  for (const json* r : requests) {
    names = std::max(names, DisplayWidth((*r)["path"].get<std::string>()));
    longest = std::max({longest, (*r)["measured_ms"].get<double>(), Sum(FloorParts(*r))});
  }
  names = std::clamp<size_t>(names, 16, style.columns / 2 - 8);
  const size_t room = style.columns - names - 13;
  const auto line = [&](const std::string& name, double ms, const std::vector<Part>& parts) {
    const auto letters =
        static_cast<size_t>(std::max(1L, std::lround(ms / longest * static_cast<double>(room))));
    return fmt::format("{}{}{:>9} ms {}", name,
                       std::string(names - std::min(names, DisplayWidth(name)), ' '), MsText(ms),
                       StageBar(parts, ms, letters, style));
  };
  Lines lines;
  std::vector<std::string> stages;
  bool unexplained = false;
  for (const json* r : requests) {
    const auto parts = PartsOf(*r), floor = FloorParts(*r);
    const double measured = (*r)["measured_ms"];
    for (const auto* list : {&parts, &floor}) {
      for (const Part& part : *list) {
        if (part.ms > 0) stages.insert(stages.end(), part.stages.begin(), part.stages.end());
      }
    }
    unexplained |= Sum(parts) < 0.99 * measured;
    lines.push_back(line(Shortened((*r)["path"].get<std::string>(), names), measured, parts));
    if (!floor.empty()) lines.push_back(line("  our kernels", Sum(floor), floor));
  }
  if (a["requests"].size() > requests.size())
    lines.push_back(
        fmt::format("  and {} faster requests: --verbose", a["requests"].size() - requests.size()));
  for (auto& line : StageLegend(stages, unexplained, style)) lines.push_back(std::move(line));
  return lines;
}

// What a strategy's name stands for.
std::string InWords(const std::string& stage, const std::string& name) {
  static const std::map<std::string, std::string> kWords = {
      {"region", "decodes only the region"},
      {"rows", "decodes all rows down to the end of the region"},
      {"full", "decodes the whole picture"},
      {"tiles", "decodes each touched tile whole"},
      {"fitting", "at the level that fits the answer"},
      {"none", "at full resolution, whatever the size of the answer"},
      {"full_only", "at a smaller level only where the whole picture is wanted"},
      {"finer", "one level finer than the answer needs"},
      {"antialiased", "weighs all pixels (antialiased)"},
      {"point", "takes one or four pixels for each (no antialiasing)"},
      {"done", "resizes also where sizes are equal"},
      {"skipped", "does nothing where sizes are equal"}};
  const auto word = [&](const std::string& key) {
    const auto found = kWords.find(key);
    return found == kWords.end() ? key : found->second;
  };
  if (stage != "decode") return word(name);
  const size_t slash = name.find('/');
  if (slash == std::string::npos) return word(name);
  return word(name.substr(0, slash)) + " " + word(name.substr(slash + 1));
}

// The file that was not at hand, in a sentence: what is told of it, and between what it is not.
std::string StoredInWords(const json& without) {
  std::string told, open;
  for (const json& field : without["stored"]) {
    const std::string what = field["what"];
    if (field["identified"].get<bool>()) {
      const std::string value = field["value"];
      if (what == "format") continue;  // the coding says it too, where it is told
      told += fmt::format("{}{}{}", told.empty() ? "" : "; ", what == "coding" ? "" : what + " ",
                          value);
    } else if (open.empty()) {
      open = fmt::format("{} not identified: {}", what,
                         fmt::join(field["candidates"].get<std::vector<std::string>>(), " or "));
    }
  }
  const json& format = without["stored"][0];
  if (format["identified"].get<bool>() && !without["stored"][1]["identified"].get<bool>())
    told = format["value"].get<std::string>() + (told.empty() ? "" : "; " + told);
  return told + (told.empty() || open.empty() ? "" : "; ") + open;
}

Lines HowItWorks(const json& a, const TerminalStyle& style) {
  Lines lines;
  if (a.contains("without_file"))
    AddWrapped(lines, fmt::format("file, from outside: {}.", StoredInWords(a["without_file"])),
               style, 2);
  for (const char* stage : {"decode", "resize", "encode"}) {
    std::string text;
    if (a["strategy"].contains(stage)) {
      const json& s = a["strategy"][stage];
      text = InWords(stage, s["name"]);
      if (!s["identified"].get<bool>()) {
        const std::string other = s.value("runner_up", "");
        text = "not identified: nearest is that it " + text +
               (other.empty() ? "" : "; or that it " + InWords(stage, other));
      }
    }
    if (a["multiples"].contains(stage)) {
      const json& m = a["multiples"][stage];
      const double ms = m["ms"], low = m["low"], high = m["high"];
      // An interval from nothing to many times is no news.
      if (ms > 0 && high - low < 2 * ms)
        text += fmt::format("{}{:.1f} times our kernel's time ({:.1f} to {:.1f})",
                            text.empty() ? "" : ", ", ms, low, high);
    }
    if (!text.empty()) AddWrapped(lines, fmt::format("{}: {}.", stage, text), style, 2);
  }
  return lines;
}

// The command that would tell more than this one did, ready to be pasted; empty: none is known.
Lines NextCommand(const json& a, const TerminalStyle& style) {
  if (a.contains("without_file")) {
    Lines lines;
    const std::string next = a["without_file"]["next"];
    if (!next.empty()) AddWrapped(lines, "This would tell more: " + next, style, 2);
    return lines;
  }
  std::string command = a.value("command", "");
  const auto has = [&](const char* option) { return command.find(option) != std::string::npos; };
  if (command.empty()) return {};
  if (has("--server ")) {
    if (has("--interpose")) return {};
    command += " --interpose";
  } else {
    if (has("--place ")) return {};
    command += " --place FOLDER";
  }
  Lines lines = {has("--server ") ? "This would tell more:"
                                  : "This would tell more (FOLDER: what the server reads):"};
  // Broken before an option, as a shell takes it.
  std::string line = "  ";
  for (size_t at = 0; at < command.size();) {
    size_t end = command.find(" --", at + 1);
    if (end == std::string::npos) end = command.size();
    const std::string part = command.substr(at, end - at);
    if (line.size() > 4 && line.size() + part.size() + 2 > style.columns) {
      lines.push_back(line + " \\");
      line = "   ";
    }
    line += part;
    at = end;
  }
  lines.push_back(line);
  return lines;
}

Lines NotTold(const json& a, const TerminalStyle& style) {
  std::map<std::string, int> sums;
  for (const json& request : a["requests"]) {
    for (const json& group : request["merged"])
      ++sums[fmt::format("{}", fmt::join(group.get<std::vector<std::string>>(), "+"))];
  }
  Lines lines;
  if (sums.empty()) return a.contains("without_file") ? NextCommand(a, style) : lines;
  std::string text;
  for (const auto& [name, times] : sums)
    text += fmt::format("{}{} (in {} of {} requests)", text.empty() ? "" : ", ", name, times,
                        a["requests"].size());
  AddWrapped(lines, "Not told apart, only the sum: " + text + ".", style, 2);
  const Lines next = NextCommand(a, style);
  lines.insert(lines.end(), next.begin(), next.end());
  return lines;
}

void Append(Lines& lines, const Lines& more) {
  if (more.empty()) return;
  if (!lines.empty()) lines.emplace_back();
  lines.insert(lines.end(), more.begin(), more.end());
}

// One line each; those about which something can be done first.
Lines Findings(const json& a, size_t room, const TerminalStyle& style) {
  Lines all;
  auto findings = FindingsIn(a, "findings", "finding_ids");
  std::ranges::stable_sort(findings, std::greater<>(),
                           [](const Finding& f) { return !f.remedy.empty(); });
  const size_t count = a["findings"].size(), shown = count <= room ? count : room - 1;
  for (size_t i = 0; i < shown; ++i)
    all.push_back(Shortened("Found: " + findings[i].text, style.columns));
  if (count > shown)
    all.push_back(
        fmt::format("and {} more findings, and the whole of each: --verbose", count - shown));
  return all;
}

// All but the findings.
Lines WithoutFindings(const json& a, size_t most_requests, const TerminalStyle& style) {
  Lines lines;
  size_t refusals = 0;
  for (const json& refusal : a["refusals"]) {
    if (++refusals > 2) continue;
    AddWrapped(lines, "REFUSED: " + refusal.get<std::string>(), style, 2);
  }
  if (refusals > 2) lines.push_back(fmt::format("and {} more reasons: --verbose", refusals - 2));
  if (a["requests"].empty()) return lines;
  Lines answer;
  AddWrapped(answer, a["sentence"].get<std::string>(), style, 3);
  AddWrapped(answer, ChangeFirst(a), style, 3);
  Append(lines, answer);
  Append(lines, Bars(a, most_requests, style));
  Append(lines, HowItWorks(a, style));
  Append(lines, NotTold(a, style));
  return lines;
}

}  // namespace

std::string AttributionAnswer(const json& a, const TerminalStyle& style) {
  // An empty line, and lines for findings.
  const size_t count = a["findings"].size();
  const size_t last = count == 0 ? 0 : 1 + std::min(count, kFindings);
  size_t most = kMostRequests;
  Lines lines = WithoutFindings(a, most, style);
  while (lines.size() + last > kAnswerLines && most > kFewestRequests)
    lines = WithoutFindings(a, --most, style);
  const size_t least = count == 0 ? 0 : 2;
  if (lines.size() + least > kAnswerLines) lines.resize(kAnswerLines - least);
  if (count > 0) Append(lines, Findings(a, kAnswerLines - 1 - lines.size(), style));
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

}  // namespace iiifbench
