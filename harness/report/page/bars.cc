// Measured latency beside the floor, stacked by stage, one panel per request class and recipe.
#include <algorithm>
#include <cmath>

#include "harness/report/page/markup.h"
#include "harness/report/page/sections.h"
#include "harness/report/study/floor_beaten.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

using nlohmann::json;

struct Bar {
  std::string who, source;  // escaped; the method that split it, empty: not split
  double measured = 0, low = 0, high = 0, floor = 0;
  bool floor_beaten = false;
  std::map<std::string, double> stages, floor_stages;
  double Sum() const {
    double sum = 0;
    for (const auto& [name, ms] : stages) sum += ms;
    return sum;
  }
  double End() const { return std::max({measured, high, floor, Sum()}); }
};

std::map<std::string, double> StagesIn(const json& object) {
  std::map<std::string, double> out;
  for (const Stage stage : kStages) {
    const std::string name(StageName(stage));
    auto ms = NumberIn(object, name);
    if (!ms) ms = NumberIn(ObjectIn(object, name), "ms");
    if (ms && *ms > 0) out[name] = *ms;
  }
  return out;
}

std::string Rect(std::string_view stage, double from, double to, double end, int y, int height, double ms) {
  const double width = std::max(0.0, to - from);
  std::string out = fmt::format(
      "<rect class=\"s-{}\" x=\"{}\" width=\"{}\" y=\"{}\" height=\"{}\"><title>{} {} ms</title></rect>",
      stage, Percent(from, end), Percent(width, end), y, height, stage, Ms(ms));
  // Named inside where it surely fits, so that colour is not all there is.
  if (height > 12 && stage != "unsplit" && width > (0.021 * static_cast<double>(stage.size()) + 0.03) * end)
    out += fmt::format("<text class=\"in-{}\" x=\"{}\" y=\"{}\">{}</text>", stage,
                       Percent(from + width / 2, end), y + 12, stage);
  return out;
}

std::string Stacked(const std::map<std::string, double>& stages, double total, double end, int y,
                    int height) {
  std::string out;
  double at = 0;
  for (const Stage stage : kStages) {
    const auto found = stages.find(std::string(StageName(stage)));
    if (found == stages.end()) continue;
    out += Rect(StageName(stage), at, at + found->second, end, y, height, found->second);
    at += found->second;
  }
  if (stages.empty()) {
    out += Rect("unsplit", 0, total, end, y, height, total);
  } else if (total > at) {
    out += Rect("unexplained", at, total, end, y, height, total - at);
  }
  return out;
}

std::string Row(const Bar& bar, double end) {
  std::string svg = "<svg class=\"bar\" width=\"100%\" height=\"30\" role=\"img\">";
  svg +=
      fmt::format("<title>{}: measured {} ms, floor {} ms</title>", bar.who, Ms(bar.measured), Ms(bar.floor));
  svg += Stacked(bar.stages, bar.measured, end, 2, 17);
  if (bar.floor > 0) svg += Stacked(bar.floor_stages, bar.floor, end, 21, 6);
  auto line = [&](double x1, double x2, int y1, int y2) {
    for (const char* style : {"halo", "whisker"})
      svg += fmt::format("<line class=\"{}\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>", style,
                         Percent(x1, end), Percent(x2, end), y1, y2);
  };
  if (bar.high > bar.low) {
    line(bar.low, bar.high, 16, 16);
    line(bar.low, bar.low, 13, 19);
    line(bar.high, bar.high, 13, 19);
  }
  svg += "</svg>";
  const std::string ratio =
      bar.floor > 0 ? fmt::format(" <small{}>{}{}</small>", bar.floor_beaten ? " class=\"bad\"" : "",
                                  Ratio(bar.measured / bar.floor), bar.floor_beaten ? " FLOOR BEATEN" : "")
                    : "";
  return fmt::format(
      "<div class=\"row\"><div class=\"who\">{}<small>{}</small></div>{}<div class=\"val\">{} "
      "ms{}</div></div>\n",
      bar.who, bar.source.empty() ? "not split" : "by " + bar.source, svg, Ms(bar.measured), ratio);
}

std::string Axis(double end) {
  std::string svg = "<svg class=\"axis\" width=\"100%\" height=\"18\" aria-hidden=\"true\">";
  const double step = TickStep(end);
  for (int i = 0; i * step <= end * 0.97; ++i) {
    const std::string x = Percent(i * step, end);
    svg += fmt::format(
        "<line x1=\"{0}\" x2=\"{0}\" y1=\"0\" y2=\"4\"/><text x=\"{0}\" y=\"15\"{1}>{2:g}{3}</text>", x,
        i == 0 ? " class=\"first\"" : "", i * step, i == 0 ? " ms" : "");
  }
  return "<div class=\"row\"><div class=\"who\"></div>" + svg + "</svg><div class=\"val\"></div></div>\n";
}

std::string Panel(const std::string& title, std::vector<Bar>& bars) {
  double end = 0;
  for (const Bar& bar : bars) end = std::max(end, bar.End());
  end *= 1.02;
  std::string html = fmt::format("<figure><figcaption>{}</figcaption>\n", title);
  for (const Bar& bar : bars) html += Row(bar, end);
  return html + Axis(end) + "</figure>\n";
}

// What split a cell best: the server's own header, else the fit, else the log, which names only some steps.
Bar BarOf(const RunFiles& run, const json& cell) {
  const std::string server = TextIn(cell, "server"), recipe = TextIn(cell, "recipe"),
                    path = TextIn(cell, "path");
  Bar bar{.who = ServerTitle(run, server), .measured = *NumberIn(cell, "median_ms")};
  bar.low = NumberIn(cell, "median_low_ms").value_or(bar.measured);
  bar.high = NumberIn(cell, "median_high_ms").value_or(bar.measured);
  bar.floor = NumberIn(cell, "floor_ms").value_or(0);
  bar.floor_stages = StagesIn(ObjectIn(cell, "floor_stages"));
  bar.floor_beaten = FloorBeaten(cell);
  const std::string source = TextIn(cell, "stage_source");
  bar.stages = StagesIn(ObjectIn(cell, "stages"));
  if (!bar.stages.empty()) bar.source = Escaped(source);
  if (source == "server-timing" && !bar.stages.empty()) return bar;
  for (const AttributionFile& file : run.attributions) {
    if (file.server != server || file.recipe != recipe) continue;
    for (const json& request : ListIn(file.body, "requests")) {
      if (TextIn(request, "path") != path) continue;
      auto stages = StagesIn(ObjectIn(request, "stages"));
      if (stages.empty()) continue;
      bar.stages = std::move(stages);
      bar.source = "probes";
    }
  }
  return bar;
}

// An attribution whose request no cell of a study has.
Bar BarOf(const RunFiles& run, const AttributionFile& file, const json& request) {
  Bar bar{.who = ServerTitle(run, file.server),
          .source = "probes",
          .measured = NumberIn(request, "measured_ms").value_or(0),
          .stages = StagesIn(ObjectIn(request, "stages")),
          .floor_stages = StagesIn(ObjectIn(ObjectIn(request, "methods"), "floor"))};
  for (const auto& [name, ms] : bar.floor_stages) bar.floor += ms;
  std::vector<double> samples;
  for (const json& probe : ListIn(file.body, "probes")) {
    if (TextIn(probe, "path") != TextIn(request, "path") || NumberIn(probe, "image").value_or(0) != 0)
      continue;
    for (const json& ms : ListIn(probe, "samples_ms")) {
      if (ms.is_number()) samples.push_back(ms.get<double>());
    }
  }
  const auto interval = samples.empty() ? std::nullopt : QuantileInterval(samples, 0.5);
  bar.low = interval ? interval->low : bar.measured;
  bar.high = interval ? interval->high : bar.measured;
  return bar;
}

int Rank(const std::string& request_class) {
  const std::vector<std::string> order = {"tile", "full", "crop+resize", "line", "crop", "level"};
  const auto found = std::ranges::find(order, request_class);
  return request_class == "info" ? 99 : static_cast<int>(found - order.begin());
}

}  // namespace

std::string LatencySection(const RunFiles& run) {
  // (rank, class) -> recipe (and page, when there are several) -> bars, in the order of the study.
  std::map<std::pair<int, std::string>, std::vector<std::pair<std::string, std::vector<Bar>>>> panels;
  auto panel = [&](const std::string& request_class, const std::string& title) -> std::vector<Bar>& {
    auto& list = panels[{Rank(request_class), request_class}];
    auto found = std::ranges::find(list, title, &std::pair<std::string, std::vector<Bar>>::first);
    if (found == list.end()) found = list.insert(list.end(), {title, {}});
    return found->second;
  };
  std::map<std::string, bool> pages;
  for (const json& cell : ListIn(run.study, "cells")) pages[TextIn(cell, "page")] = true;
  std::map<std::string, bool> drawn;
  std::map<std::string, int> refused;
  for (const json& cell : ListIn(run.study, "cells")) {
    const std::string who =
        fmt::format("{} {}", ServerTitle(run, TextIn(cell, "server")), Escaped(TextIn(cell, "recipe")));
    if (NumberIn(cell, "median_ms").value_or(0) <= 0) {
      ++refused[fmt::format("{}: {}", who, Escaped(TextIn(cell, "status")))];
      continue;
    }
    std::string title = TextIn(cell, "recipe");
    if (pages.size() > 1) title += ", page " + TextIn(cell, "page");
    panel(TextIn(cell, "class"), title).push_back(BarOf(run, cell));
    drawn[TextIn(cell, "server") + "\n" + TextIn(cell, "recipe") + "\n" + TextIn(cell, "path")] = true;
  }
  for (const AttributionFile& file : run.attributions) {
    for (const json& request : ListIn(file.body, "requests")) {
      const std::string path = TextIn(request, "path");
      if (drawn.contains(file.server + "\n" + file.recipe + "\n" + path)) continue;
      if (NumberIn(request, "measured_ms").value_or(0) > 0)
        panel(path, file.recipe).push_back(BarOf(run, file, request));
    }
  }
  std::string html = Legend() +
                     "<p class=\"note\">Each panel has its own scale. Stages by server-timing or log are the "
                     "server's word for "
                     "these very requests; stages by probes were fitted in the attribution's own run of the "
                     "same request.</p>";
  bool open = true;
  int opened = 0;
  for (auto& [key, list] : panels) {
    std::string figures;
    for (auto& [title, bars] : list) figures += Panel(Escaped(title), bars);
    open = opened++ < 2;
    html += Folded(fmt::format("<h3>{}</h3>", Escaped(key.second)),
                   "<div class=\"panels\">" + figures + "</div>", open);
  }
  if (panels.empty()) html += Missing("Nothing was measured.", "iiifbench study");
  std::vector<std::string> lines;
  for (const auto& [line, count] : refused) lines.push_back(fmt::format("{} ({} requests)", line, count));
  if (!lines.empty()) html += Folded("Not measured, and why", Bullets(lines));
  return Section("latency", "Latency by stage, beside the floor", html);
}

}  // namespace iiifbench
