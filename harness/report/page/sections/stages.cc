// Stage by stage: measured against the floor, pixels and their rate; and what is done for nothing.
#include <algorithm>

#include "harness/report/page/markup.h"
#include "harness/report/page/parts.h"
#include "harness/report/page/sections/sections.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr size_t kShownRows = 12;  // rows that are not folded away

std::string RateOf(double pixels, double ms) {
  return pixels > 0 && ms > 0 ? fmt::format("{:.0f}", pixels / 1e3 / ms) : "-";
}

// The pixels that a stage goes through: those decoded, those it starts from, or those it makes.
double PixelsOf(Stage stage, const json& pixels) {
  switch (stage) {
    case Stage::kDecode:
      return NumberIn(pixels, "decoded").value_or(0);
    case Stage::kResize:
      return NumberIn(pixels, "needed").value_or(0);
    case Stage::kConvert:
    case Stage::kEncode:
      return NumberIn(pixels, "out").value_or(0);
    default:
      return 0;
  }
}

// The bytes of the answer, from the study; the stages that handle them.
double BytesOf(Stage stage, const RunFiles& run, const AttributionFile& file,
               const std::string& path) {
  if (stage != Stage::kEncode && stage != Stage::kNetwork) return 0;
  for (const json& cell : ListIn(run.study, "cells")) {
    if (TextIn(cell, "path") == path && TextIn(cell, "server") == file.server &&
        TextIn(cell, "recipe") == file.recipe)
      return NumberIn(cell, "bytes").value_or(0);
  }
  return 0;
}

std::string RatioCell(double ms, std::optional<double> floor) {
  if (!floor || *floor < 0.005) return "-";
  const double ratio = ms / *floor;
  return ratio > 1.5 ? "<b>" + Ratio(ratio) + "</b>" : Ratio(ratio);
}

// Rows of one part; a sum stands first, what the fit gave its stages below it, without ratios.
void AddRows(const RunFiles& run, const AttributionFile& file, const json& request,
             const Part& part, std::vector<std::vector<std::string>>& rows) {
  const json& floor = ObjectIn(ObjectIn(request, "methods"), "floor");
  if (part.stages.size() > 1) {
    double best = 0;
    for (const auto& name : part.stages) best += NumberIn(floor, name).value_or(0);
    std::string swatches;
    for (const auto& name : part.stages) swatches += Swatch(name);
    rows.push_back({fmt::format("{}<b>{}</b>", swatches, NameOf(part)),
                    fmt::format("<b>{}</b>", MsText(part.ms)), best > 0 ? MsText(best) : "-",
                    RatioCell(part.ms, best), "", "", "", ""});
  }
  for (const auto& name : part.stages) {
    const auto stage = std::ranges::find(kStages, name, [](Stage s) { return StageName(s); });
    const json& estimate = ObjectIn(ObjectIn(request, "stages"), name);
    const double ms = NumberIn(estimate, "ms").value_or(0);
    // A stage that this request has no use for.
    if (stage == kStages.end() || std::max(ms, NumberIn(estimate, "high").value_or(ms)) < 0.005)
      continue;
    const double pixels = PixelsOf(*stage, ObjectIn(request, "pixels"));
    const double bytes = BytesOf(*stage, run, file, TextIn(request, "path"));
    const auto best = NumberIn(floor, name);
    const bool alone = part.stages.size() == 1;
    rows.push_back(
        {alone ? Swatch(name) + name
               : fmt::format("<span class=\"member\">{}{} <small>by the fit</small></span>",
                             Swatch(name), name),
         alone ? MsWithInterval(estimate) : "<small>" + MsWithInterval(estimate) + "</small>",
         MsOrDash(best), alone ? RatioCell(ms, best) : "", pixels > 0 ? Millions(pixels) : "-",
         bytes > 0 ? fmt::format("{:.1f}", bytes / 1000) : "-", alone ? RateOf(pixels, ms) : "",
         best ? RateOf(pixels, *best) : "-"});
  }
}

std::string AttributedStages(const RunFiles& run, const AttributionFile& file) {
  std::string html = LandingOf("stages", file) + "<p><small>" +
                     LinkTo("answer", file, "its sentence") + " &middot; " +
                     LinkTo("methods", file, "methods and findings") + "</small></p>";
  for (const json& request : ListIn(file.body, "requests")) {
    const std::string path = TextIn(request, "path");
    std::vector<std::vector<std::string>> rows;
    for (const Part& part : PartsOf(request)) AddRows(run, file, request, part, rows);
    const auto unexplained = NumberIn(request, "unexplained_ms");
    rows.push_back({Swatch("unexplained") + "unexplained", MsOrDash(unexplained), "-", "-", "-",
                    "-", "-", "-"});
    const auto predicted = NumberIn(request, "predicted_ms");
    html += fmt::format("<h4>{}: {} ms{}</h4>", RequestTitle(run, file, path),
                        MsOrDash(NumberIn(request, "measured_ms")),
                        predicted ? " (the fit alone predicted " + MsOrDash(predicted) + ")" : "");
    html += Table({"stage", ">measured ms", ">floor ms", ">ratio", ">Mpx handled", ">kB handled",
                   ">Mpx/s", ">Mpx/s of the floor"},
                  rows);
  }
  return html;
}

// One line per request with measured / floor of each stage.
std::string ToldStages(const RunFiles& run, const std::string& server) {
  std::vector<std::vector<std::string>> rows;
  for (const json& cell : ListIn(run.study, "cells")) {
    const json &stages = ObjectIn(cell, "stages"), &floor = ObjectIn(cell, "floor_stages");
    if (TextIn(cell, "server") != server || stages.empty()) continue;
    std::vector<std::string> row = {Escaped(TextIn(cell, "recipe")),
                                    Escaped(TextIn(cell, "class"))};
    for (const Stage stage : kStages) {
      const std::string name(StageName(stage));
      const auto ms = NumberIn(stages, name), best = NumberIn(floor, name);
      row.push_back(ms && *ms >= 0.005
                        ? MsText(*ms) + (best && *best >= 0.005
                                             ? " <small>/ " + MsText(*best) + "</small>"
                                             : "")
                        : "");
    }
    row.push_back(MsOrDash(NumberIn(cell, "unexplained_ms")));
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return {};
  std::vector<std::string> columns = {"recipe", "class"};
  for (const Stage stage : kStages)
    columns.push_back(fmt::format(">{}{}", Swatch(StageName(stage)), StageName(stage)));
  columns.push_back(">unexplained");
  return Table(columns, rows);
}

}  // namespace

std::string StageSection(const RunFiles& run) {
  std::string html =
      "<p>Milliseconds; <i>ratio</i> is measured over floor, the cost of the same work in our "
      "kernels; intervals are of 95 %, as the attribution states them. A sum in bold could not be "
      "told "
      "apart: its "
      "stages below it are what the fit happened to give them.</p>";
  bool open = true, any = false;
  for (const AttributionFile& file : run.attributions) {
    html += Folded(fmt::format("{} {} <small>by probes</small>", ServerTitle(run, file.server),
                               Escaped(file.recipe)),
                   AttributedStages(run, file), open);
    open = false;
    any = true;
  }
  for (const json& server : ListIn(run.study, "servers")) {
    const std::string name = TextIn(server, "name"), told = ToldStages(run, name);
    if (told.empty()) continue;
    html += Folded(ServerTitle(run, name) + " <small>by its own word: measured / floor</small>",
                   told, open);
    open = false;
    any = true;
  }
  if (!any)
    html = Missing("No server told its stages and none was attributed.",
                   "iiifbench study --attribute");
  if (any && run.attributions.empty())
    html +=
        Missing("Pixels and rates per stage need an attribution.", "iiifbench study --attribute");
  return Section("stages", "Stage by stage", html);
}

std::string WasteSection(const RunFiles& run) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::pair<double, size_t>> worst;  // decoded per needed; the row
  std::vector<std::string> habits;
  for (const AttributionFile& file : run.attributions) {
    const std::string who =
        fmt::format("{} {}", ServerTitle(run, file.server), Escaped(file.recipe));
    for (const json& request : ListIn(file.body, "requests")) {
      const json& pixels = ObjectIn(request, "pixels");
      const double decoded = NumberIn(pixels, "decoded").value_or(0),
                   needed = NumberIn(pixels, "needed").value_or(0),
                   out = NumberIn(pixels, "out").value_or(0);
      if (decoded <= 0 || needed <= 0 || out <= 0) continue;
      auto ratio = [](double value) {
        return value > 2 ? "<b>" + Ratio(value) + "</b>" : Ratio(value);
      };
      worst.emplace_back(decoded / needed, rows.size());
      rows.push_back({who, RequestTitle(run, file, TextIn(request, "path")), Millions(decoded),
                      Millions(needed), Millions(out), ratio(decoded / needed),
                      ratio(decoded / out)});
    }
    const json& signatures = ObjectIn(file.body, "signatures");
    const auto second = NumberIn(signatures, "second_to_first"),
               info = NumberIn(signatures, "info_to_small");
    if (second && *second > 0)
      habits.push_back(fmt::format("{}: a repeated request costs {:.2f} of the first{}", who,
                                   *second,
                                   *second < 0.7 ? ": <b>a cache answers</b>" : ": no cache hit"));
    if (info && *info > 3)
      habits.push_back(
          fmt::format("{}: info.json of the page costs {:.1f} times that of a 64 px picture: "
                      "<b>the file is read or parsed for every request</b>",
                      who, *info));
    for (const auto& [stage, strategy] : ObjectIn(file.body, "strategy").items()) {
      const std::string name = TextIn(strategy, "name");
      if (name.find("subprocess") != std::string::npos || name.find("spawn") != std::string::npos)
        habits.push_back(
            fmt::format("{}: {} by a process of its own, so through a pipe or a temporary file",
                        who, Escaped(stage)));
    }
  }
  std::string html;
  std::ranges::stable_sort(worst, std::greater<>(), &std::pair<double, size_t>::first);
  std::vector<std::vector<std::string>> sorted, rest;
  for (const auto& [waste, row] : worst)
    (sorted.size() < kShownRows ? sorted : rest).push_back(std::move(rows[row]));
  rows = std::move(sorted);
  const std::vector<std::string> columns = {"server",
                                            "request",
                                            ">decoded",
                                            ">needed",
                                            ">delivered",
                                            ">decoded per needed",
                                            ">decoded per delivered"};
  if (rows.empty()) {
    html = Missing("How many pixels a server decodes is known after an attribution.",
                   "iiifbench study --attribute");
  } else {
    html =
        "<p>Mpx that the identified strategy decodes, that the request needs, and that the answer "
        "holds; most decoded for what was needed first.</p>" +
        Table(columns, rows);
    if (!rest.empty())
      html += Folded(fmt::format("{} more requests", rest.size()), Table(columns, rest));
    if (!habits.empty()) html += "<h3>Caches and files</h3>" + Bullets(habits);
    html +=
        "<p class=\"note\">Bytes read per byte needed and temporary files are not recorded by an "
        "attribution "
        "from outside.</p>";
  }
  return Section("waste", "Waste", html);
}

}  // namespace iiifbench
