#include "harness/report/exchange/figure.h"

#include <fmt/format.h>

namespace iiifbench {
namespace {

using nlohmann::json;

std::optional<double> Number(const json& from, const char* key) {
  const auto found = from.find(key);
  if (found == from.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

// The member, or an empty list or object.
const json& Member(const json& from, const char* key) {
  static const json kNone = json::object();
  const auto found = from.find(key);
  return found == from.end() ? kNone : *found;
}

std::string PointName(const json& load, const json& point) {
  const std::string what = fmt::format("{} {}", load["server"].value("name", "server"),
                                       load["workload"].value("name", ""));
  if (const auto rate = Number(point, "rate_per_second"))
    return fmt::format("{} / {:g} per second", what, *rate);
  return fmt::format("{} / {:g} clients", what, Number(point, "clients").value_or(0));
}

}  // namespace

std::vector<Figure> FiguresOfLoad(const json& load) {
  std::vector<Figure> out;
  for (const json& point : Member(load, "points")) {
    const std::string name = PointName(load, point);
    for (const auto& [metric, p] : Member(point, "percentiles").items()) {
      if (const auto ms = Number(p, "ms"))
        out.push_back({.name = name,
                       .metric = metric,
                       .unit = "ms",
                       .value = *ms,
                       .low = Number(p, "low_ms"),
                       .high = Number(p, "high_ms")});
    }
    if (const auto rate = Number(point, "throughput"))
      out.push_back({.name = name,
                     .metric = "throughput",
                     .unit = "1/s",
                     .value = *rate,
                     .smaller_is_better = false});
    const double answers = Number(point, "answers").value_or(0),
                 failed = Number(point, "failed").value_or(0);
    // A point without an answer failed whole.
    out.push_back({.name = name,
                   .metric = "failures",
                   .unit = "%",
                   .value = answers + failed > 0 ? 100 * failed / (answers + failed) : 100});
    if (const auto wrong = Number(Member(point, "check"), "wrong"))
      out.push_back({.name = name, .metric = "wrong", .value = *wrong});
  }
  return out;
}

std::vector<Figure> FiguresOfComparison(const json& comparison) {
  std::vector<Figure> out;
  for (const json& one : Member(comparison, "cases")) {
    const std::string name = one.value("name", ""), change = one.value("change", "");
    const auto ratio = Number(one, "ratio");
    if (!ratio) continue;
    out.push_back({.name = name,
                   .metric = "ratio",
                   .value = *ratio,
                   .low = Number(one, "low"),
                   .high = Number(one, "high")});
    out.push_back({.name = name,
                   .metric = "slower",
                   .unit = "%",
                   .value = change == "slower" ? 100 * (*ratio - 1) : 0});
    out.push_back({.name = name,
                   .metric = "faster",
                   .unit = "%",
                   .value = change == "faster" ? 100 * (1 - *ratio) : 0,
                   .smaller_is_better = false});
  }
  return out;
}

}  // namespace iiifbench
