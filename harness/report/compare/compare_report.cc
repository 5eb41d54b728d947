#include "harness/report/compare/compare_report.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace iiifbench {
namespace {

using nlohmann::json;

const TimedCase* Find(const TimedRun& run, const std::string& name) {
  const auto found = std::ranges::find(run.cases, name, &TimedCase::name);
  return found == run.cases.end() ? nullptr : &*found;
}

std::string Percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

// What a "no difference" cannot rule out.
double Hidden(const json& one) {
  return std::max(std::abs(one["low"].get<double>() - 1), std::abs(one["high"].get<double>() - 1));
}

}  // namespace

json CompareRuns(const TimedRun& a, const TimedRun& b, CompareOptions options) {
  std::vector<Comparison> family;
  std::vector<std::string> names;
  std::vector<std::optional<double>> again;
  json only_a = json::array(), only_b = json::array(), cases = json::array(),
       warnings = json::array();
  for (const TimedCase& one : a.cases) {
    const TimedCase* other = Find(b, one.name);
    if (other == nullptr) {
      only_a.push_back(one.name);
      continue;
    }
    std::span<const double> x(one.ms), y(other->ms);
    if (options.paired) x = x.first(std::min(x.size(), y.size())), y = y.first(x.size());
    CompareOptions own = options;
    if (!one.control_ms.empty() && !other->control_ms.empty() && !options.paired)
      own.control = Median(other->control_ms) / Median(one.control_ms);
    again.emplace_back();
    if (options.paired && one.again_ms.size() == one.ms.size() && x.size() == one.ms.size()) {
      own.control = CompareSamples(one.ms, one.again_ms, options).ratio;
      again.back() = own.control;
    }
    family.push_back(CompareSamples(x, y, own));
    names.push_back(one.name);
  }
  for (const TimedCase& one : b.cases) {
    if (Find(a, one.name) == nullptr) only_b.push_back(one.name);
  }
  JudgeFamily(family, options);
  for (size_t i = 0; i < family.size(); ++i) {
    const Comparison& c = family[i];
    cases.push_back({{"name", names[i]},
                     {"n_a", c.n_a},
                     {"n_b", c.n_b},
                     {"a_ms", c.median_a},
                     {"b_ms", c.median_b},
                     {"ratio", c.ratio},
                     {"low", c.interval.low},
                     {"high", c.interval.high},
                     {"noise", c.noise},
                     {"p", c.p},
                     {"family_p", c.family_p},
                     {"inflation", c.inflation},
                     {"too_few", c.too_few},
                     {"change", ChangeName(c.change)}});
    if (again[i]) cases.back()["again"] = *again[i];
  }
  for (const auto& [side, run] : {std::pair{"A", &a}, std::pair{"B", &b}}) {
    for (const std::string& warning : run->warnings)
      warnings.push_back(fmt::format("{} ({}): {}", side, run->title, warning));
  }
  return {{"schema", 1},
          {"a", a.title},
          {"b", b.title},
          {"interleaved", options.paired},
          {"least_effect", options.least_effect},
          {"alpha", options.alpha},
          {"cases", cases},
          {"only_in_a", only_a},
          {"only_in_b", only_b},
          {"warnings", warnings}};
}

std::string ComparisonToText(const json& comparison) {
  std::string text = fmt::format("A: {}\nB: {}\n", comparison["a"].get<std::string>(),
                                 comparison["b"].get<std::string>());
  for (const json& warning : comparison["warnings"])
    text += fmt::format("warning: {}\n", warning.get<std::string>());
  size_t width = 4;
  for (const json& one : comparison["cases"])
    width = std::max(width, one["name"].get<std::string>().size());
  text += fmt::format("\n{:{}}  {:>11}  {:>11}  {:>6}  {:>13}  {:>7}  {:>7}  {}\n", "case", width,
                      "A ms", "B ms", "B/A", "95 %", "A/A", "p", "B is");
  const bool twice = std::ranges::any_of(comparison["cases"],
                                         [](const json& one) { return one.contains("again"); });
  int faster = 0, slower = 0, same = 0, few = 0;
  for (const json& one : comparison["cases"]) {
    std::string verdict = one["change"].get<std::string>();
    (verdict == "faster" ? faster : verdict == "slower" ? slower : same) += 1;
    if (verdict == "no difference") {
      if (one["too_few"].get<bool>()) {
        ++few;
        verdict = "no difference: too few samples to find any";
      } else {
        verdict += fmt::format(" (up to {} could hide)", Percent(Hidden(one)));
      }
    } else {
      verdict = fmt::format("{} by {}", verdict, Percent(std::abs(one["ratio"].get<double>() - 1)));
    }
    text += fmt::format(
        "{:{}}  {:>11.4g}  {:>11.4g}  {:>6.3f}  {:>13}  {:>7}  {:>7.2g}  {}\n",
        one["name"].get<std::string>(), width, one["a_ms"].get<double>(), one["b_ms"].get<double>(),
        one["ratio"].get<double>(),
        fmt::format("{:.3f}-{:.3f}", one["low"].get<double>(), one["high"].get<double>()),
        Percent(one["noise"].get<double>()), one["family_p"].get<double>(), verdict);
  }
  text += fmt::format("\n{} faster, {} slower, {} no difference.", faster, slower, same);
  text += fmt::format(
      " Medians; a verdict needs p <= {} (Mann-Whitney, corrected for {} cases and "
      "autocorrelation), an "
      "interval without 1,\nand a change above {} and above A/A, by which halves of the same side "
      "{}"
      "differ.{}\n",
      comparison["alpha"].get<double>(), comparison["cases"].size(),
      Percent(comparison["least_effect"].get<double>()), twice ? "or two sessions of A " : "",
      comparison["interleaved"].get<bool>()
          ? ""
          : " A and B ran one after the other: what changed\nbetween them beside the program is "
            "not in A/A; "
            "--run interleaves.");
  if (few > 0)
    text += fmt::format("{} cases have too few samples: more rounds or repetitions.\n", few);
  for (const auto& [key, side] : {std::pair{"only_in_a", "A"}, std::pair{"only_in_b", "B"}}) {
    for (const json& name : comparison[key])
      text += fmt::format("only in {}: {}\n", side, name.get<std::string>());
  }
  return text;
}

}  // namespace iiifbench
