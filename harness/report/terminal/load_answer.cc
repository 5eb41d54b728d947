#include "harness/report/terminal/load_answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/report/load/load_report.h"
#include "harness/stats/milliseconds.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr size_t kMostPoints = 10, kMostNotes = 4;
constexpr size_t kLinesOfOne = 2;  // of one reason or note; 1 where all is too much
constexpr size_t kLoadLines = 28;  // the command adds where the files are

double HalfWidthOf(const json& point) {
  return point.contains("low_ms")
             ? (point["high_ms"].get<double>() - point["low_ms"].get<double>()) / 2
             : 0;
}

bool PointStands(const json& point) {
  return point.value("not_reportable", json::array()).empty() && point.contains("latency_ms");
}

// "4 clients".
std::string LoadOf(const json& point) {
  if (!point.contains("clients"))
    return fmt::format("{:g} per second", point["rate_per_second"].get<double>());
  const double clients = point["clients"];
  return fmt::format("{:g} client{}", clients, clients == 1 ? "" : "s");
}

std::string KneeText(const json& load, bool by_rate) {
  if (!load.contains("knee")) return {};
  const json& knee = load["knee"];
  const char* axis = by_rate ? "rate_per_second" : "clients";
  if (!knee.contains(axis)) return "knee: " + knee.value("refused", "");
  return fmt::format("knee: {:.3g} [{:.3g} {:.3g}] {}: beyond it, more load only waits longer",
                     knee[axis].get<double>(), knee["low"].get<double>(),
                     knee["high"].get<double>(), by_rate ? "requests per second" : "clients");
}

std::vector<std::string> WrappedEach(const std::vector<std::string>& texts, size_t columns,
                                     size_t of_one) {
  std::vector<std::string> lines;
  for (const auto& text : texts)
    for (auto& line : WrappedAtMost(text, columns, 4, of_one)) lines.push_back(std::move(line));
  return lines;
}

std::vector<std::string> LoadPointFirst(const json& load, bool by_rate, size_t columns,
                                        size_t of_one) {
  const json& points = load["points"];
  const auto standing = std::ranges::count_if(points, PointStands);
  std::vector<std::string> lines = {
      fmt::format("{}: {} of {} points stand. {} {}, workload {}",
                  load["reportable"].get<bool>() ? "REPORTABLE" : "NOT REPORTABLE", standing,
                  points.size(), load["server"].value("name", ""),
                  load["server"].value("version", ""), load["workload"].value("name", ""))};
  const json& reasons = load["not_reportable"];
  for (size_t i = 0; i < std::min(reasons.size(), kMostNotes); ++i)
    lines.push_back("- " + reasons[i].get<std::string>());
  if (reasons.size() > kMostNotes)
    lines.push_back(fmt::format("  and {} more reasons: --verbose", reasons.size() - kMostNotes));
  const json *first = nullptr, *last = nullptr;
  for (const json& point : points) {
    if (!point.contains("latency_ms")) continue;
    if (first == nullptr) first = &point;
    last = &point;
  }
  if (first != nullptr) {
    std::string text = fmt::format(
        "p50 is {} ms at {}", MsText((*first)["latency_ms"].get<double>(), HalfWidthOf(*first)),
        LoadOf(*first));
    if (last != first) {
      const double ms = (*last)["latency_ms"], half = HalfWidthOf(*last);
      text += fmt::format(" and {} ms at {}", MsText(ms, half), LoadOf(*last));
      if (last->contains("service_ms"))
        text += fmt::format(", of which {} ms are waiting",
                            MsText(std::max(0.0, ms - (*last)["service_ms"].get<double>()), half));
    }
    lines.push_back(text + ".");
  }
  if (const auto knee = KneeText(load, by_rate); !knee.empty()) lines.push_back(knee);
  return WrappedEach(lines, columns, of_one);
}

std::vector<std::string> PointRow(const json& point, bool alone) {
  const json percentiles = point.value("percentiles", json::object());
  const auto of = [&](const char* name) {
    if (!percentiles.contains(name)) return std::string("-");
    const json& p = percentiles[name];
    return MsText(p["ms"].get<double>(),
                  (p["high_ms"].get<double>() - p["low_ms"].get<double>()) / 2);
  };
  const double half = HalfWidthOf(point);
  std::string median = "-", waiting = "-";
  if (percentiles.contains("p50"))
    median = fmt::format("{} [{} {}]", of("p50"),
                         MsText(percentiles["p50"]["low_ms"].get<double>(), half),
                         MsText(percentiles["p50"]["high_ms"].get<double>(), half));
  if (point.contains("service_ms") && point.contains("latency_ms"))
    waiting = MsText(point["latency_ms"].get<double>() - point["service_ms"].get<double>(), half);
  const double at = point.contains("clients") ? point["clients"].get<double>()
                                              : point["rate_per_second"].get<double>();
  const std::string name = alone ? "1 client" : fmt::format("{:g}", at);
  return {name + (point.value("not_reportable", json::array()).empty() ? "" : "*"),
          fmt::format("{}", point["answers"].get<int64_t>()),
          fmt::format("{}", point["failed"].get<int64_t>()),
          fmt::format("{:.1f}", point["throughput"].get<double>()),
          median,
          of("p90"),
          of("p99"),
          waiting,
          fmt::format("{}", point["check"]["checked"].get<int64_t>())};
}

// On a narrow terminal without checked, per s, p90 and waiting, as far as needed.
std::vector<std::string> PointTable(const json& load, bool by_rate, size_t columns) {
  std::vector<std::vector<std::string>> rows = {{by_rate ? "rate/s" : "clients", "answers",
                                                 "failed", "per s", "p50 ms (95 %)", "p90", "p99",
                                                 "waiting", "checked"}};
  if (load.contains("alone")) rows.push_back(PointRow(load["alone"], true));
  const size_t count = load["points"].size();
  for (size_t i = 0; i < std::min(count, kMostPoints); ++i)
    rows.push_back(PointRow(load["points"][i], false));
  auto lines = AlignedRows(rows, 0);
  const auto too_wide = [&](const std::string& line) { return DisplayWidth(line) > columns; };
  for (const std::ptrdiff_t column : {8, 3, 4, 5}) {  // of those that are left
    if (std::ranges::none_of(lines, too_wide)) break;
    for (auto& row : rows) row.erase(row.begin() + column);
    lines = AlignedRows(rows, 0);
  }
  if (count > kMostPoints)
    lines.push_back(fmt::format("and {} more points: --verbose", count - kMostPoints));
  return lines;
}

std::vector<std::string> LoadNotes(const json& load, size_t columns, size_t of_one) {
  std::vector<std::string> notes;
  for (const json& point : load["points"]) {
    for (const auto& example : point["check"].value("examples", json::array()))
      notes.push_back("wrong: " + example.get<std::string>());
  }
  for (const json& point : load["points"]) {
    if (point.contains("overloaded"))
      notes.push_back(LoadOf(point) + ": " + point["overloaded"].get<std::string>());
    if (point.contains("sittings"))
      notes.push_back(fmt::format("{}: resumed, measured in {} sittings", LoadOf(point),
                                  point["sittings"].get<int>()));
  }
  for (const auto& finding : AnswerFindings(load)) notes.push_back(finding);
  // Of the highest load, where waiting is most.
  const json waiting = load.value("waiting", json::array());
  for (size_t i = waiting.size(); i > 0; --i) notes.push_back(waiting[i - 1].get<std::string>());
  const size_t all = notes.size();
  notes.resize(std::min(all, kMostNotes));
  if (all > kMostNotes)
    notes.push_back(fmt::format("and {} more, and the whole of each: --verbose", all - kMostNotes));
  return WrappedEach(notes, columns, of_one);
}

}  // namespace

std::string LoadAnswer(const json& load, const TerminalStyle& style) {
  const bool by_rate = !load["points"].empty() && load["points"][0].contains("rate_per_second");
  const auto table = PointTable(load, by_rate, style.columns);
  std::vector<std::string> first, notes;
  for (const size_t of_one : {kLinesOfOne, size_t{1}}) {
    first = LoadPointFirst(load, by_rate, style.columns, of_one);
    notes = LoadNotes(load, style.columns, of_one);
    if (first.size() + table.size() + notes.size() + 2 <= kLoadLines) break;
  }
  std::string out;
  for (const auto& part : {first, table, notes}) {
    if (part.empty()) continue;
    if (!out.empty()) out += "\n";
    for (const auto& line : part) out += line + "\n";
  }
  return out;
}

}  // namespace iiifbench
