// The methods beside one another, the strategies they stand on, and where they disagree.
#include <algorithm>
#include <cmath>

#include "harness/report/page/markup.h"
#include "harness/report/page/parts.h"
#include "harness/report/page/sections/sections.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr double kDisagreement = 0.1;  // of the request, as in attribution_report

// `fitted`: nothing where the fit has no value of its own for the stage.
std::string Cell(const json& values, const std::string& stage, const std::string& method,
                 std::optional<double> fitted, double measured) {
  const auto ms = NumberIn(values, stage);
  if (!ms) return "";
  const bool compared = method == "server-timing" || method == "log" || method == "profile";
  const bool apart =
      compared && fitted && measured > 0 && std::abs(*ms - *fitted) > kDisagreement * measured;
  return apart ? fmt::format("<span class=\"bad\">{}</span>", MsText(*ms)) : MsText(*ms);
}

// The fit, then who knows the server, then what they are measured by, then whatever else there is.
std::vector<std::string> Ordered(const json& methods) {
  std::vector<std::string> out;
  for (const char* name : {"probe", "server-timing", "log", "profile", "interpose", "store", "cpu",
                           "fresh", "floor", "geometric", "naive"}) {
    if (methods.contains(name)) out.emplace_back(name);
  }
  for (const auto& [name, values] : methods.items()) {
    if (std::ranges::find(out, name) == out.end()) out.push_back(name);
  }
  return out;
}

std::string RequestTable(const RunFiles& run, const AttributionFile& file, const json& request) {
  const json& methods = ObjectIn(request, "methods");
  std::vector<std::string> columns = {"method"};
  for (const Stage stage : kStages)
    columns.push_back(fmt::format(">{}{}", Swatch(StageName(stage)), StageName(stage)));
  columns.push_back(">total");
  columns.push_back("other");
  std::vector<std::vector<std::string>> rows;
  const double measured = NumberIn(request, "measured_ms").value_or(0);
  // A stage within a sum has no value that could be compared.
  std::map<std::string, double> fitted;
  std::string sums;
  for (const Part& part : PartsOf(request)) {
    if (part.stages.size() == 1) fitted[part.stages.front()] = part.ms;
    if (part.stages.size() > 1)
      sums += fmt::format("{}{} {}", sums.empty() ? "" : "; ", NameOf(part), MsText(part.ms));
  }
  for (const std::string& method : Ordered(methods)) {
    const json& values = ObjectIn(methods, method);
    if (values.empty()) continue;
    std::vector<std::string> row = {Escaped(method)};
    for (const Stage stage : kStages) {
      const std::string name(StageName(stage));
      const auto own = fitted.find(name);
      row.push_back(Cell(values, name, method,
                         own == fitted.end() ? std::nullopt : std::optional(own->second),
                         measured));
    }
    row.push_back(NumberIn(values, "total") ? MsText(*NumberIn(values, "total")) : "");
    std::string other;
    for (const char* name : {"cpu", "run-queue", "off-cpu", "background", "unknown",
                             "decode or encode", "connect", "tls", "first-byte", "body"}) {
      if (const auto ms = NumberIn(values, name); ms && *ms >= 0.005)
        other += fmt::format("{}{} {}", other.empty() ? "" : ", ", name, MsText(*ms));
    }
    row.push_back(other);
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return {};
  return fmt::format("<h4>{}: {} ms</h4>", RequestTitle(run, file, TextIn(request, "path")),
                     MsText(measured)) +
         Table(columns, rows) +
         (sums.empty()
              ? ""
              : fmt::format("<p class=\"note\">Compared as sums, not told apart by probes: {}.</p>",
                            sums));
}

std::string ErrorOf(const json& errors, const char* model) {
  const auto error = NumberIn(errors, model);
  return error ? fmt::format("{:.1f} %", 100 * *error) : std::string("not defined here");
}

// The file behind the URL where it was not at hand.
std::string StoredFile(const AttributionFile& file) {
  const json& without = ObjectIn(file.body, "without_file");
  if (without.empty()) return "";
  std::vector<std::string> lines;
  for (const json& field : ListIn(without, "stored")) {
    const bool identified = field.is_object() && field.value("identified", false);
    std::string candidates;
    for (const auto& candidate : TextsIn(field, "candidates"))
      candidates += (candidates.empty() ? "" : " or ") + Escaped(candidate);
    const std::string by = TextIn(field, "by");
    lines.push_back(fmt::format(
        "{}: {}{}", Escaped(TextIn(field, "what")),
        identified ? Escaped(TextIn(field, "value")) : "<b>not identified</b>: " + candidates,
        by.empty() ? "" : " <small>(" + Escaped(by) + ")</small>"));
  }
  for (const auto& line : TextsIn(without, "cannot_say"))
    lines.push_back("not said: " + Escaped(line));
  if (const std::string next = TextIn(without, "next"); !next.empty())
    lines.push_back("next: <code>" + Escaped(next) + "</code>");
  return fmt::format("<h4>The file, from outside <small>fetched {}</small></h4>",
                     Escaped(TextIn(without, "fetched"))) +
         Bullets(lines);
}

std::string Strategies(const AttributionFile& file) {
  std::vector<std::string> lines;
  for (const auto& [stage, strategy] : ObjectIn(file.body, "strategy").items()) {
    const bool identified =
        strategy.is_object() && strategy.contains("identified") && strategy["identified"] == true;
    const std::string next = TextIn(strategy, "runner_up");
    const bool known = std::ranges::find(kStages, stage, StageName) != kStages.end();
    lines.push_back(fmt::format(
        "{}{}: {} {} (error {:.1f} %{})", known ? Swatch(stage) : "", Escaped(stage),
        Escaped(TextIn(strategy, "name")), identified ? "identified" : "<b>not identified</b>",
        100 * NumberIn(strategy, "error").value_or(0),
        next.empty() ? ""
                     : fmt::format("; next {} {:.1f} %", Escaped(next),
                                   100 * NumberIn(strategy, "runner_up_error").value_or(0))));
  }
  const json& filter = ObjectIn(ObjectIn(ObjectIn(file.body, "strategy"), "resize"), "filter");
  if (const std::string pixels = TextIn(filter, "sentence"); !pixels.empty())
    lines.push_back(Escaped(pixels));
  for (const auto& [stage, multiple] : ObjectIn(file.body, "multiples").items())
    lines.push_back(
        fmt::format("{} runs at {} times our kernel", Escaped(stage), MsWithInterval(multiple)));
  const json& errors = ObjectIn(file.body, "errors");
  if (const auto model = NumberIn(errors, "model"))
    lines.push_back(
        fmt::format("error on probes: this model {:.1f} %, a geometric one {}, the naive fit {}; "
                    "condition number {:.1f}",
                    100 * *model, ErrorOf(errors, "geometric"), ErrorOf(errors, "naive"),
                    NumberIn(file.body, "condition").value_or(0)));
  return lines.empty() ? "" : Bullets(lines);
}

}  // namespace

std::string MethodSection(const RunFiles& run) {
  std::string html =
      "<p class=\"note\">probe: fitted from outside; floor: our kernels; server-timing, log: the "
      "server's "
      "own word; "
      "profile, cpu, interpose: its processes; geometric, naive: simpler models on the same data, "
      "for "
      "comparison; fresh: "
      "on a connection of its own. Red: more than 10 points of the request away from the fit.</p>";
  bool open = true;
  for (const AttributionFile& file : run.attributions) {
    std::string inside = LandingOf("methods", file) + "<p><small>" +
                         LinkTo("answer", file, "its sentence") + " &middot; " +
                         LinkTo("stages", file, "stages") + "</small></p>" + StoredFile(file) +
                         Strategies(file);
    for (const json& request : ListIn(file.body, "requests"))
      inside += RequestTable(run, file, request);
    const auto lines = MarkedIn(file.body, "disagreements", "disagreement_ids");
    inside +=
        lines.empty()
            ? "<p class=\"note\">No method is more than 10 points of a request from the fit.</p>"
            : "<h4>They disagree by more than 10 points of the request</h4>" + Bullets(lines);
    const auto findings = MarkedIn(file.body, "findings", "finding_ids");
    if (!findings.empty()) inside += "<h4>Findings</h4>" + Bullets(findings);
    html += Folded(
        fmt::format("{} {} <small>{}</small>", ServerTitle(run, file.server), Escaped(file.recipe),
                    lines.empty() ? "agree"
                                  : fmt::format("{} disagreement{}", lines.size(),
                                                lines.size() == 1 ? "" : "s")),
        inside, open);
    open = false;
  }
  if (run.attributions.empty())
    html = Missing("The methods are compared by an attribution.", "iiifbench study --attribute");
  return Section("methods", "The methods beside one another", html);
}

}  // namespace iiifbench
