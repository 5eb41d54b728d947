#include "harness/validation/real/real_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

using nlohmann::json;

// "decode 12.3, resize 4.0": the larger first, those below a hundredth left out.
std::string StageList(const json& stages, double whole) {
  std::vector<std::pair<double, std::string>> parts;
  for (const auto& [name, ms] : stages.items()) {
    if (ms.get<double>() >= 0.01 * whole) parts.emplace_back(ms.get<double>(), name);
  }
  std::ranges::sort(parts, std::greater<>());
  std::string out;
  for (const auto& [ms, name] : parts)
    out += fmt::format("{}{} {:.1f}", out.empty() ? "" : ", ", name, ms);
  return out;
}

struct Line {
  std::vector<double> points;
  int within = 0, within_ten = 0;
  double all_ms = 0, merged_ms = 0, most_merged_ms = 0;

  void Add(double error, double goal, double measured, double merged) {
    points.push_back(error);
    within += error <= goal;
    within_ten += error <= 10;
    all_ms += measured, merged_ms += merged;
    most_merged_ms = std::max(most_merged_ms, merged);
  }
  std::string Text() const {
    if (points.empty()) return "no evidence";
    return fmt::format("{} | {:.1f} | {:.1f} | {:.1f} | {} | {} | {:.0f} % | {:.1f}", points.size(),
                       Median(points), Quantile(points, 0.9), std::ranges::max(points), within,
                       within_ten, all_ms > 0 ? 100 * merged_ms / all_ms : 0, most_merged_ms);
  }
};

}  // namespace

double GoalOf(bool spawns, double measured_ms) { return !spawns && measured_ms > 5 ? 5 : 10; }

std::string RealTable(const json& runs) {
  std::string out =
      "| server | recipe | request | ms | attributed | evidence | says | worst stage, points | "
      "goal | merged "
      "|\n"
      "|---|---|---|---|---|---|---|---|---|---|\n";
  for (const json& run : runs) {
    const std::string head =
        fmt::format("| {} | {} | ", run.value("server", ""), run.value("recipe", ""));
    if (run.contains("failed")) {
      out += head + "failed: " + run.value("failed", "") + " |\n";
      continue;
    }
    for (const json& request : run["requests"]) {
      const double measured = request["measured_ms"];
      std::string merged;
      for (const auto& group : request["merged"])
        merged += fmt::format("{}{}", merged.empty() ? "" : "; ",
                              fmt::join(group.get<std::vector<std::string>>(), "+"));
      for (const json& e : request["evidence"]) {
        const double points = e["points"], goal = GoalOf(run.value("spawns", false), measured);
        std::string says = StageList(e["stages"], e["latency_ms"]);
        if (e["unknown_ms"].get<double>() > 0.01 * e["latency_ms"].get<double>())
          says += fmt::format(", no rule {:.1f}", e["unknown_ms"].get<double>());
        if (e["work"].get<double>() > 1.05)
          says += fmt::format(" (work {:.2f} of the latency)", e["work"].get<double>());
        out += fmt::format(
            "{}{} | {:.1f} | {} | {} of {} | {} of {:.1f} | {} {:+.1f} | {} {:.0f} | {} |\n", head,
            request["path"].get<std::string>(), measured, StageList(request["estimated"], measured),
            e["method"].get<std::string>(), e["samples"].get<int>(), says,
            e["latency_ms"].get<double>(), e["worst"].get<std::string>(),
            e["signed_points"].get<double>(), points <= goal ? "within" : "MISSES", goal,
            merged.empty() ? "-" : merged);
      }
    }
    for (const json& refusal : run.value("refusals", json::array()))
      out += head + "REFUSED: " + refusal.get<std::string>() + " |\n";
  }
  return out;
}

std::string RealSummary(const json& runs) {
  std::string out =
      "| server | recipe | strategy | evidence | n | median | p90 | worst | within goal | within "
      "10 | merged "
      "| "
      "most merged, ms |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n";
  std::map<std::string, Line> all;
  for (const json& run : runs) {
    if (run.contains("failed")) continue;
    std::map<std::string, Line> lines;
    for (const json& request : run["requests"]) {
      for (const json& e : request["evidence"]) {
        const double goal = GoalOf(run.value("spawns", false), request["measured_ms"]);
        for (Line* line : {&lines[e["method"]], &all[e["method"]]})
          line->Add(e["points"], goal, request["measured_ms"], e["merged_ms"]);
      }
    }
    std::string strategy;
    const json verdicts = run.value("strategy", json::object());
    for (const auto& [stage, verdict] : verdicts.items())
      strategy +=
          fmt::format("{}{} {}{}", strategy.empty() ? "" : ", ", stage, verdict.value("name", ""),
                      verdict.value("identified", false) ? "" : " (not identified)");
    if (lines.empty()) lines["none"] = {};
    for (const auto& [method, line] : lines)
      out += fmt::format("| {} | {} | {} | {} | {} |\n", run.value("server", ""),
                         run.value("recipe", ""), strategy, method, line.Text());
  }
  for (const auto& [method, line] : all)
    out += fmt::format("| all | | | {} | {} |\n", method, line.Text());
  return out;
}

}  // namespace iiifbench
