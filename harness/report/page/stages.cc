// Stage by stage: measured against the floor, pixels and their rate; and what is done for nothing.
#include <algorithm>

#include "harness/report/page/markup.h"
#include "harness/report/page/sections.h"

namespace iiifbench {
namespace {

using nlohmann::json;

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
double BytesOf(Stage stage, const RunFiles& run, const AttributionFile& file, const std::string& path) {
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

std::string MergedNote(const json& request) {
  std::string out;
  for (const json& group : ListIn(request, "merged")) {
    std::string names;
    double sum = 0;
    for (const json& name : group) {
      if (!name.is_string()) continue;
      names += (names.empty() ? "" : " + ") + Escaped(name.get<std::string>());
      sum += NumberIn(ObjectIn(ObjectIn(request, "stages"), name.get<std::string>()), "ms").value_or(0);
    }
    out += fmt::format("<p class=\"note\">Not separable: {}; together {} ms.</p>", names, Ms(sum));
  }
  return out;
}

std::string AttributedStages(const RunFiles& run, const AttributionFile& file) {
  std::string html;
  for (const json& request : ListIn(file.body, "requests")) {
    const json& floor = ObjectIn(ObjectIn(request, "methods"), "floor");
    const std::string path = TextIn(request, "path");
    std::vector<std::vector<std::string>> rows;
    for (const Stage stage : kStages) {
      const std::string name(StageName(stage));
      const json& estimate = ObjectIn(ObjectIn(request, "stages"), name);
      const auto ms = NumberIn(estimate, "ms");
      // A stage that this request has no use for.
      if (!ms || std::max(*ms, NumberIn(estimate, "high").value_or(*ms)) < 0.005) continue;
      const double pixels = PixelsOf(stage, ObjectIn(request, "pixels"));
      const double bytes = BytesOf(stage, run, file, path);
      const auto best = NumberIn(floor, name);
      rows.push_back({Swatch(name) + name, MsWithInterval(estimate), MsOrDash(best), RatioCell(*ms, best),
                      pixels > 0 ? Millions(pixels) : "-",
                      bytes > 0 ? fmt::format("{:.1f}", bytes / 1000) : "-", RateOf(pixels, *ms),
                      best ? RateOf(pixels, *best) : "-"});
    }
    const auto unexplained = NumberIn(request, "unexplained_ms");
    rows.push_back(
        {Swatch("unexplained") + "unexplained", MsOrDash(unexplained), "-", "-", "-", "-", "-", "-"});
    const auto foretold = NumberIn(request, "predicted_ms");
    html += fmt::format("<h4>{}: {} ms{}</h4>", RequestTitle(run, file, path),
                        MsOrDash(NumberIn(request, "measured_ms")),
                        foretold ? " (the fit alone foretold " + MsOrDash(foretold) + ")" : "");
    html += Table({"stage", ">measured ms", ">floor ms", ">ratio", ">Mpx handled", ">kB handled", ">Mpx/s",
                   ">Mpx/s of the floor"},
                  rows);
    html += MergedNote(request);
  }
  return html;
}

// One line per request with measured / floor of each stage.
std::string ToldStages(const RunFiles& run, const std::string& server) {
  std::vector<std::vector<std::string>> rows;
  for (const json& cell : ListIn(run.study, "cells")) {
    const json &stages = ObjectIn(cell, "stages"), &floor = ObjectIn(cell, "floor_stages");
    if (TextIn(cell, "server") != server || stages.empty()) continue;
    std::vector<std::string> row = {Escaped(TextIn(cell, "recipe")), Escaped(TextIn(cell, "class"))};
    for (const Stage stage : kStages) {
      const std::string name(StageName(stage));
      const auto ms = NumberIn(stages, name), best = NumberIn(floor, name);
      row.push_back(ms && *ms >= 0.005
                        ? Ms(*ms) + (best && *best >= 0.005 ? " <small>/ " + Ms(*best) + "</small>" : "")
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
      "kernels; intervals cover 95 %.</p>";
  bool open = true, any = false;
  for (const AttributionFile& file : run.attributions) {
    html += Folded(
        fmt::format("{} {} <small>by probes</small>", ServerTitle(run, file.server), Escaped(file.recipe)),
        AttributedStages(run, file), open);
    open = false;
    any = true;
  }
  for (const json& server : ListIn(run.study, "servers")) {
    const std::string name = TextIn(server, "name"), told = ToldStages(run, name);
    if (told.empty()) continue;
    html += Folded(ServerTitle(run, name) + " <small>by its own word: measured / floor</small>", told, open);
    open = false;
    any = true;
  }
  if (!any)
    html += Missing("No server told its stages and none was attributed.", "iiifbench study --attribute");
  if (any && run.attributions.empty())
    html += Missing("Pixels and rates per stage need an attribution.", "iiifbench study --attribute");
  return Section("stages", "Stage by stage", html);
}

std::string WasteSection(const RunFiles& run) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> habits;
  for (const AttributionFile& file : run.attributions) {
    const std::string who = fmt::format("{} {}", ServerTitle(run, file.server), Escaped(file.recipe));
    for (const json& request : ListIn(file.body, "requests")) {
      const json& pixels = ObjectIn(request, "pixels");
      const double decoded = NumberIn(pixels, "decoded").value_or(0),
                   needed = NumberIn(pixels, "needed").value_or(0), out = NumberIn(pixels, "out").value_or(0);
      if (decoded <= 0 || needed <= 0 || out <= 0) continue;
      auto ratio = [](double value) { return value > 2 ? "<b>" + Ratio(value) + "</b>" : Ratio(value); };
      rows.push_back({who, RequestTitle(run, file, TextIn(request, "path")), Millions(decoded),
                      Millions(needed), Millions(out), ratio(decoded / needed), ratio(decoded / out)});
    }
    const json& signatures = ObjectIn(file.body, "signatures");
    const auto second = NumberIn(signatures, "second_to_first"), info = NumberIn(signatures, "info_to_small");
    if (second && *second > 0)
      habits.push_back(fmt::format("{}: a repeated request costs {:.2f} of the first{}", who, *second,
                                   *second < 0.7 ? ": <b>a cache answers</b>" : ": no cache hit"));
    if (info && *info > 3)
      habits.push_back(
          fmt::format("{}: info.json of the page costs {:.1f} times that of a 64 px picture: "
                      "<b>the file is read or parsed for every request</b>",
                      who, *info));
    for (const auto& [stage, strategy] : ObjectIn(file.body, "strategy").items()) {
      const std::string name = TextIn(strategy, "name");
      if (name.find("subprocess") != std::string::npos || name.find("spawn") != std::string::npos)
        habits.push_back(fmt::format("{}: {} by a process of its own, so through a pipe or a temporary file",
                                     who, Escaped(stage)));
    }
  }
  std::string html;
  if (rows.empty()) {
    html = Missing("How many pixels a server decodes is known after an attribution.",
                   "iiifbench study --attribute");
  } else {
    html =
        "<p>Mpx that the identified strategy decodes, that the request needs, and that the answer "
        "holds.</p>" +
        Table({"server", "request", ">decoded", ">needed", ">delivered", ">decoded per needed",
               ">decoded per delivered"},
              rows);
    if (!habits.empty()) html += "<h3>Caches and files</h3>" + Bullets(habits);
    html +=
        "<p class=\"note\">Bytes read per byte needed and temporary files are not recorded by an attribution "
        "from outside.</p>";
  }
  return Section("waste", "Waste", html);
}

}  // namespace iiifbench
