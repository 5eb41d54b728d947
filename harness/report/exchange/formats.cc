#include "harness/report/exchange/formats.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/report/page/markup.h"

namespace iiifbench {
namespace {

using nlohmann::json;

std::string CsvField(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string Value(const Figure& figure) {
  return fmt::format("{:.6g}{}{}", figure.value, figure.unit.empty() ? "" : " ", figure.unit);
}

std::string Optional(const std::optional<double>& value) {
  return value ? fmt::format("{:.6g}", *value) : std::string();
}

// A figure with two thresholds stands there once.
json Directed(const std::vector<BoundVerdict>& verdicts, bool smaller) {
  json out = json::array();
  std::string last;
  for (const BoundVerdict& verdict : verdicts) {
    const Figure& figure = verdict.figure;
    const std::string name = figure.name + " / " + figure.metric;
    if (figure.smaller_is_better != smaller || name == last) continue;
    last = name;
    json one = {{"name", name}, {"unit", figure.unit}, {"value", figure.value}};
    if (figure.low && figure.high)
      one["range"] = fmt::format("{:.6g} to {:.6g}", *figure.low, *figure.high);
    out.push_back(one);
  }
  return out;
}

}  // namespace

std::string ToJUnit(const std::string& suite, const std::vector<BoundVerdict>& verdicts) {
  const auto failures = std::ranges::count(verdicts, true, &BoundVerdict::failed);
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n",
      Escaped(suite), verdicts.size(), failures);
  for (const BoundVerdict& verdict : verdicts) {
    out += fmt::format(
        "<testcase classname=\"{}\" name=\"{}\">", Escaped(verdict.figure.name),
        Escaped(verdict.threshold.empty()
                    ? verdict.figure.metric
                    : fmt::format("{}: not {}", verdict.figure.metric, verdict.threshold)));
    const std::string value = Escaped(Value(verdict.figure));
    if (verdict.failed)
      out += fmt::format("<failure message=\"{} is {}: {}\"/>", Escaped(verdict.figure.metric),
                         value, Escaped(verdict.threshold));
    out += fmt::format("<system-out>{}</system-out></testcase>\n", value);
  }
  return out + "</testsuite>\n</testsuites>\n";
}

std::string ToCsv(const std::vector<BoundVerdict>& verdicts) {
  std::string out = "name,metric,value,unit,low,high,threshold,failed\r\n";
  for (const BoundVerdict& verdict : verdicts) {
    const Figure& f = verdict.figure;
    out += fmt::format("{},{},{:.6g},{},{},{},{},{}\r\n", CsvField(f.name), CsvField(f.metric),
                       f.value, CsvField(f.unit), Optional(f.low), Optional(f.high),
                       CsvField(verdict.threshold), verdict.failed ? "yes" : "no");
  }
  return out;
}

json ToSmallerIsBetter(const std::vector<BoundVerdict>& verdicts) {
  return Directed(verdicts, true);
}
json ToBiggerIsBetter(const std::vector<BoundVerdict>& verdicts) {
  return Directed(verdicts, false);
}

std::string ToMarkdown(const std::string& title, const std::vector<BoundVerdict>& verdicts) {
  std::vector<const BoundVerdict*> sorted;
  for (const BoundVerdict& verdict : verdicts) sorted.push_back(&verdict);
  std::ranges::stable_sort(sorted, std::less<>(), [](const BoundVerdict* v) {
    return v->failed ? 0 : v->threshold.empty() ? 2 : 1;
  });
  const auto failures = std::ranges::count(verdicts, true, &BoundVerdict::failed);
  std::string out = fmt::format(
      "### {}\n\n{}\n\n| what | figure | value | 95 % | threshold |\n"
      "|---|---|--:|--:|---|\n",
      title,
      failures > 0 ? fmt::format("**{} bounds are broken.**", failures)
                   : std::string("No bound is broken."));
  const auto cell = [](std::string text) {
    for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
      text.insert(at, "\\");
    return text;
  };
  for (const BoundVerdict* verdict : sorted) {
    const Figure& f = verdict->figure;
    out += fmt::format(
        "| {} | {} | {} | {} | {} |\n", cell(f.name), cell(f.metric), Value(f),
        f.low && f.high ? fmt::format("{:.6g} to {:.6g}", *f.low, *f.high) : std::string(),
        verdict->threshold.empty() ? ""
                                   : (verdict->failed ? "**broken: " : "holds: not ") +
                                         cell(verdict->threshold) + (verdict->failed ? "**" : ""));
  }
  return out;
}

}  // namespace iiifbench
