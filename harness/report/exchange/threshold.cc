#include "harness/report/exchange/threshold.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <regex>
#include <set>

namespace iiifbench {
namespace {

bool Holds(double value, const std::string& op, double bound) {
  if (op == ">") return value > bound;
  if (op == ">=") return value >= bound;
  if (op == "<") return value < bound;
  return value <= bound;
}

}  // namespace

Result<Threshold> ParseThreshold(const std::string& text) {
  static const std::regex kForm(
      R"(\s*([A-Za-z][A-Za-z0-9._-]*)\s*(>=|<=|>|<)\s*([0-9]+(?:\.[0-9]+)?)\s*(\S*)\s*)");
  std::smatch parts;
  if (!std::regex_match(text, parts, kForm))
    return Fail(ErrorKind::kBadRequest,
                "threshold '{}': write METRIC > NUMBER UNIT, as in 'p95 > 300 ms'", text);
  Threshold out{.text = text, .metric = parts[1], .op = parts[2], .unit = parts[4]};
  out.value = std::stod(parts[3]);
  if (out.unit == "s" || out.unit == "us") {
    out.value *= out.unit == "s" ? 1000 : 0.001;
    out.unit = "ms";
  }
  if (out.unit == "/s") out.unit = "1/s";
  static const std::set<std::string> kUnits = {"", "ms", "%", "1/s"};
  if (!kUnits.contains(out.unit))
    return Fail(ErrorKind::kBadRequest, "threshold '{}': unit '{}' is none of ms, s, us, %, 1/s",
                text, out.unit);
  return out;
}

Result<std::vector<BoundVerdict>> JudgeFigures(const std::vector<Figure>& figures,
                                               const std::vector<Threshold>& thresholds) {
  std::set<std::string> metrics;
  for (const Figure& figure : figures) metrics.insert(figure.metric);
  for (const Threshold& threshold : thresholds) {
    if (!metrics.contains(threshold.metric))
      return Fail(ErrorKind::kBadRequest, "threshold '{}': this run has no figure '{}'; it has {}",
                  threshold.text, threshold.metric,
                  metrics.empty() ? "none" : fmt::format("{}", fmt::join(metrics, ", ")));
  }
  std::vector<BoundVerdict> out;
  for (const Figure& figure : figures) {
    bool judged = false;
    for (const Threshold& threshold : thresholds) {
      if (threshold.metric != figure.metric) continue;
      if (!threshold.unit.empty() && threshold.unit != figure.unit)
        return Fail(ErrorKind::kBadRequest, "threshold '{}': '{}' is in {}", threshold.text,
                    figure.metric, figure.unit.empty() ? "no unit" : figure.unit);
      judged = true;
      // What is no number holds no bound.
      const bool failed =
          !std::isfinite(figure.value) || Holds(figure.value, threshold.op, threshold.value);
      out.push_back({.figure = figure, .threshold = threshold.text, .failed = failed});
    }
    if (!judged) out.push_back({.figure = figure});
  }
  return out;
}

}  // namespace iiifbench
