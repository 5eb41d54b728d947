#include "harness/report/terminal/study_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/report/study/floor_beaten.h"
#include "harness/stats/milliseconds.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr size_t kShownOfKind = 3;  // reasons, or notes of one kind
constexpr size_t kLinesOfNote = 3;  // of one reason or note; 1 where all is too much
constexpr size_t kStudyLines = 27;  // the command adds where the files are
constexpr size_t kLeastNotes = 8;   // lines, however large the table is

double NumberOr(const json& cell, const char* field, double otherwise) {
  const auto found = cell.find(field);
  return found != cell.end() && found->is_number() ? found->get<double>() : otherwise;
}

std::string MedianText(const json& cell) {
  const double median = NumberOr(cell, "median_ms", 0);
  const double low = NumberOr(cell, "median_low_ms", median),
               high = NumberOr(cell, "median_high_ms", median);
  return MsText(median, (high - low) / 2);
}

// A digit behind the point only where the interval is narrow enough for it, and below 1.5, where
// none would read "0".
std::string TimesText(double ratio, double half) {
  const int supported = half >= 0.5 || ratio >= 99.5 ? 0 : half >= 0.05 || ratio >= 9.95 ? 1 : 2;
  return fmt::format("{:.{}f}", ratio, ratio < 1.5 ? std::max(1, supported) : supported);
}

std::string RatioTextOf(const json& cell) {
  const double ratio = NumberOr(cell, "ratio", 0);
  return TimesText(ratio,
                   (NumberOr(cell, "ratio_high", ratio) - NumberOr(cell, "ratio_low", ratio)) / 2);
}

std::string CellName(const json& cell) {
  const std::string link = cell.value("link", "loopback");
  return fmt::format("{} {} {}{}", cell.value("server", ""), cell.value("recipe", ""),
                     cell.value("class", ""), link == "loopback" ? "" : " over " + link);
}

// Why the cell breaks a rule of its own; empty: it does not.
std::string FaultOf(const json& cell) {
  const json faults = cell.value("faults", json::array());
  if (!faults.empty()) return faults[0].get<std::string>();
  if (!cell.value("drift_confirmed", false)) return {};
  return fmt::format("drifts by {:+.1f} %", 100 * NumberOr(cell, "drift", 0));
}

// Why a right answer is other work, or changed, or not judged; empty: it is not.
std::string OtherWorkOf(const json& cell) {
  const json traps = cell.value("traps", json::array());
  if (!traps.empty()) return traps[0].get<std::string>();
  if (cell.contains("changed")) return "changed: " + cell["changed"].get<std::string>();
  return cell.value("not_judged", "");
}

struct NoteRoom {
  size_t columns, of_one;  // lines
};

// At most kShownOfKind, each whole as far as its lines go, and how many more there are.
void AddWrapped(std::vector<std::string>& lines, const std::vector<std::string>& texts,
                NoteRoom note, size_t room) {
  const size_t before = lines.size();
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto wrapped = WrappedAtMost(texts[i], note.columns, 4, note.of_one);
    if (i == kShownOfKind || (i > 0 && lines.size() - before + wrapped.size() > room)) {
      lines.push_back(fmt::format("  and {} more: --verbose", texts.size() - i));
      return;
    }
    lines.insert(lines.end(), wrapped.begin(), wrapped.end());
  }
}

std::vector<std::string> PointFirst(const json& study, NoteRoom note) {
  const auto standing = study.value("standing_cells", size_t{0}),
             measured = study.value("measured_cells", size_t{0});
  const bool reportable = study.value("reportable", false);
  std::string first = fmt::format("{}: {} of {} measured cells stand",
                                  reportable ? "REPORTABLE" : "NOT REPORTABLE", standing, measured);
  const size_t all = study["cells"].size();
  if (measured < all) first += fmt::format("; not measured: {}", all - measured);
  std::vector<std::string> lines = {first + "."}, reasons;
  for (const json& reason : study["not_reportable"])
    reasons.push_back("- " + reason.get<std::string>());
  AddWrapped(lines, reasons, note, kShownOfKind * kLinesOfNote);
  const json* worst = nullptr;
  size_t beaten = 0;
  for (const json& cell : study["cells"]) {
    beaten += FloorBeaten(cell) ? 1 : 0;
    if (!cell.contains("ratio") || cell.value("class", "") == "info" ||
        cell.value("link", "loopback") != "loopback" || !FaultOf(cell).empty() ||
        !OtherWorkOf(cell).empty())
      continue;
    if (worst == nullptr || NumberOr(cell, "ratio", 0) > NumberOr(*worst, "ratio", 0))
      worst = &cell;
  }
  if (worst != nullptr) {
    const double low = NumberOr(*worst, "ratio_low", 0), high = NumberOr(*worst, "ratio_high", 0);
    const auto wrapped = WrappedAtMost(
        fmt::format("Farthest from the floor: {}: {} ms, {} times our kernels ({} to {}).",
                    CellName(*worst), MedianText(*worst), RatioTextOf(*worst),
                    TimesText(low, (high - low) / 2), TimesText(high, (high - low) / 2)),
        note.columns, 2, note.of_one);
    lines.insert(lines.end(), wrapped.begin(), wrapped.end());
  }
  if (beaten > 0)
    lines.push_back(fmt::format("The floor was beaten in {} cells (!): that is our bug.", beaten));
  return lines;
}

// One line a server, file type, page and link; classes that do not fit follow in a second table.
std::vector<std::string> TableOf(const json& study, size_t columns) {
  std::vector<std::string> classes, pages, links;
  std::map<std::vector<std::string>, std::map<std::string, std::string>> rows;
  const auto note = [](std::vector<std::string>& names, const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  for (const json& cell : study["cells"]) {
    const bool wrong = cell.value("status_id", "") == "wrong-answer";
    if (!cell.contains("ratio") && !wrong) continue;
    note(classes, cell.value("class", ""));
    note(pages, cell.value("page", ""));
    note(links, cell.value("link", "loopback"));
    std::string text = wrong ? "wrong" : MedianText(cell) + " x" + RatioTextOf(cell);
    if (!wrong && FloorBeaten(cell)) text += "!";
    if (!wrong && !FaultOf(cell).empty()) text += "*";
    if (!wrong && !OtherWorkOf(cell).empty()) text += "~";
    rows[{cell.value("link", "loopback"), cell.value("page", ""), cell.value("recipe", ""),
          cell.value("server", "")}][cell.value("class", "")] = text;
  }
  if (rows.empty()) return {};
  const auto names_of = [&](const std::vector<std::string>& key) {
    std::vector<std::string> names;
    if (links.size() > 1) names.push_back(key[0]);
    if (pages.size() > 1) names.push_back(key[1]);
    names.push_back(key[2]), names.push_back(key[3]);
    return names;
  };
  const auto table = [&](size_t from, size_t to) {
    std::vector<std::vector<std::string>> out = {names_of({"link", "page", "file type", "server"})};
    const size_t left = out[0].size();
    for (size_t c = from; c < to; ++c) out[0].push_back(classes[c]);
    for (const auto& [key, cells] : rows) {
      out.push_back(names_of(key));
      for (size_t c = from; c < to; ++c) {
        const auto found = cells.find(classes[c]);
        out.back().push_back(found == cells.end() ? "-" : found->second);
      }
    }
    return AlignedRows(out, left);
  };
  auto lines = WrappedAtMost(
      "Median ms, x times our kernels for the same pixels; digits as the 95 % interval supports:",
      columns, 2, kLinesOfNote);
  const auto fits = [&](const std::vector<std::string>& made) {
    return std::ranges::all_of(made,
                               [&](const auto& line) { return DisplayWidth(line) <= columns; });
  };
  for (size_t from = 0; from < classes.size();) {
    size_t to = classes.size();
    while (to > from + 1 && !fits(table(from, to))) --to;
    const auto made = table(from, to);
    for (const auto& line : made) lines.push_back(Shortened(line, columns));
    from = to;
  }
  return lines;
}

// What the marks mean, what was not measured, and the verdicts of a founding study.
std::vector<std::string> NotesOf(const json& study, NoteRoom note, size_t room) {
  std::vector<std::string> lines, servers, faults, other, wrong;
  std::map<std::string, size_t> open;
  std::map<std::string, std::vector<std::string>> faulty, doing_other;  // cells by reason
  std::map<std::string, std::string> failed;                            // servers
  std::string missing;
  for (const json& server : study["servers"]) {
    const std::string status = server.value("status", ""), name = server.value("name", "");
    if (status == "measured") continue;
    failed[name] = status;
    if (status.find("not installed") != std::string::npos)
      missing += (missing.empty() ? "" : ", ") + name;
    else
      servers.push_back(name + ": " + status);
  }
  for (const json& cell : study["cells"]) {
    if (const auto fault = FaultOf(cell); cell.contains("ratio") && !fault.empty())
      faulty[fault].push_back(CellName(cell));
    if (const auto work = OtherWorkOf(cell); cell.contains("ratio") && !work.empty())
      doing_other[work].push_back(CellName(cell));
    const std::string status = cell.value("status", "");
    if (cell.value("status_id", "") == "wrong-answer")
      wrong.push_back(CellName(cell) + ": " + status);
    else if (!cell.contains("ratio") && !failed.contains(cell.value("server", "")))
      ++open[fmt::format("{} {}: {}", cell.value("server", ""), cell.value("recipe", ""), status)];
  }
  // One line for all cells of one reason.
  const auto grouped = [](const char* mark, const auto& by_reason, std::vector<std::string>& out) {
    for (const auto& [why, cells] : by_reason) {
      const std::string more =
          cells.size() > 1 ? fmt::format(" and {} more", cells.size() - 1) : std::string();
      out.push_back(fmt::format("{} {}{}: {}", mark, cells[0], more, why));
    }
  };
  grouped("*", faulty, faults), grouped("~", doing_other, other);
  std::vector<std::string> not_measured;
  for (const auto& [why, count] : open)
    not_measured.push_back(fmt::format("Not measured, {} cells: {}", count, why));
  // What is wrong comes first: it must not be what a short terminal leaves out.
  for (const auto* texts : {&wrong, &servers, &faults, &not_measured, &other})
    AddWrapped(lines, *texts, note, room - std::min(room, lines.size()));
  if (!missing.empty())
    for (auto& line : WrappedAtMost("Not installed (--verbose says how): " + missing, note.columns,
                                    2, note.of_one))
      lines.push_back(std::move(line));
  lines = AtMostLines(std::move(lines), std::max(room, kLeastNotes));
  for (const json& verdict : study.value("verdicts", json::array())) {
    const auto wrapped =
        WrappedAtMost(fmt::format("{}: {} ({}).", verdict.value("verdict", ""),
                                  verdict.value("finding", ""), verdict.value("why", "")),
                      note.columns, 2, note.of_one);
    lines.insert(lines.end(), wrapped.begin(), wrapped.end());
  }
  return lines;
}

}  // namespace

std::string StudyAnswer(const json& study, const TerminalStyle& style) {
  std::vector<std::string> first, notes, table = TableOf(study, style.columns);
  const auto room_beside = [](size_t used) { return kStudyLines - std::min(kStudyLines, used); };
  for (const size_t of_one : {kLinesOfNote, size_t{1}}) {
    const NoteRoom note = {.columns = style.columns, .of_one = of_one};
    first = PointFirst(study, note);
    notes = NotesOf(study, note, room_beside(first.size() + table.size() + 2));
    if (first.size() + table.size() + notes.size() + 2 <= kStudyLines) break;
  }
  table = AtMostLines(std::move(table), room_beside(first.size() + notes.size() + 2));
  std::string out;
  for (const auto& part : {first, table, notes}) {
    if (part.empty()) continue;
    if (!out.empty()) out += "\n";
    for (const auto& line : part) out += line + "\n";
  }
  return out;
}

}  // namespace iiifbench
