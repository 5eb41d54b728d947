// Measured latency beside the floor, stacked by stage, one panel per request class and recipe.
#include <algorithm>
#include <cmath>

#include "harness/report/page/markup.h"
#include "harness/report/page/parts.h"
#include "harness/report/page/sections/sections.h"
#include "harness/report/study/floor_beaten.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

using nlohmann::json;

struct Bar {
  std::string who, source;  // escaped; the method that split it, empty: not split
  double measured = 0, low = 0, high = 0, floor = 0;
  // What the parts are parts of: the same request in the attribution's own run, or measured.
  double split_ms = 0;
  bool floor_beaten = false;
  std::vector<Part> parts, floor_parts;
  double Sum() const {
    double sum = 0;
    for (const Part& part : parts) sum += part.ms;
    return sum;
  }
  double End() const { return std::max({measured, high, floor, split_ms, Sum()}); }
};

constexpr char kLatencyTitle[] = "Latency by stage, beside the floor";
// Of the latency: two runs of one request that differ by more are said to.
constexpr double kOtherRun = 0.1;

// From {stage: ms}.
std::vector<Part> PartsIn(const json& object) {
  std::vector<Part> out;
  for (const Stage stage : kStages) {
    const std::string name(StageName(stage));
    const auto ms = NumberIn(object, name);
    if (ms && *ms > 0) out.push_back({.stages = {name}, .ms = *ms});
  }
  return out;
}

// Whether a label surely fits into a rectangle of that width.
bool Fits(std::string_view text, double width, double end) {
  return width > (0.021 * static_cast<double>(text.size()) + 0.03) * end;
}

// A stage; several that could not be told apart lie in bands one above the other, so that only
// their sum is drawn.
std::string Rect(const Part& part, double from, double end, int y, int height) {
  const std::string name = NameOf(part), x = Percent(from, end), width = Percent(part.ms, end);
  std::string what = fmt::format("{} {} ms", name, MsText(part.ms));
  if (part.stages.size() > 1) what += ", not told apart";
  if (part.low && part.high && MsText(*part.low) != MsText(*part.high))
    what += fmt::format(" (95 %: {} to {})", MsText(*part.low), MsText(*part.high));
  std::string out = fmt::format("<g><title>{}</title>", what);
  const double band = static_cast<double>(height) / static_cast<double>(part.stages.size());
  for (size_t i = 0; i < part.stages.size(); ++i)
    out +=
        fmt::format("<rect class=\"s-{}\" x=\"{}\" width=\"{}\" y=\"{:.1f}\" height=\"{:.1f}\"/>",
                    part.stages[i], x, width, y + static_cast<double>(i) * band, band);
  // Named inside where it surely fits, so that colour is not all there is.
  const std::string label =
      part.stages.size() > 1 ? fmt::format("{}", fmt::join(part.stages, "+")) : name;
  if (height > 12 && name != "unsplit" && Fits(label, part.ms, end))
    out += fmt::format("<text class=\"in-{}\" x=\"{}\" y=\"{}\">{}</text>",
                       part.stages.size() > 1 ? "bands" : name, Percent(from + part.ms / 2, end),
                       y + 12, label);
  return out + "</g>";
}

std::string Stacked(const std::vector<Part>& parts, double total, double end, int y, int height) {
  std::string out;
  double at = 0;
  for (const Part& part : parts) {
    if (part.ms <= 0) continue;
    out += Rect(part, at, end, y, height);
    at += part.ms;
  }
  if (parts.empty()) {
    out += Rect({.stages = {"unsplit"}, .ms = total}, 0, end, y, height);
  } else if (total > at) {
    out += Rect({.stages = {"unexplained"}, .ms = total - at}, at, end, y, height);
  }
  return out;
}

std::string Row(const Bar& bar, double end) {
  std::string svg = "<svg class=\"bar\" width=\"100%\" height=\"30\" role=\"img\">";
  svg += fmt::format("<title>{}: measured {} ms, floor {} ms</title>", bar.who,
                     MsText(bar.measured), MsText(bar.floor));
  svg += Stacked(bar.parts, bar.split_ms, end, 2, 17);
  if (bar.floor > 0) svg += Stacked(bar.floor_parts, bar.floor, end, 21, 6);
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
  line(bar.measured, bar.measured, 10, 19);
  svg += "</svg>";
  std::string source = bar.source.empty() ? "not split" : "by " + bar.source;
  if (std::abs(bar.split_ms - bar.measured) > kOtherRun * bar.measured)
    source += fmt::format(" of <span class=\"bad\">{} ms</span>", MsText(bar.split_ms));
  const std::string ratio =
      bar.floor > 0
          ? fmt::format(" <small{}>{}{}</small>", bar.floor_beaten ? " class=\"bad\"" : "",
                        Ratio(bar.measured / bar.floor), bar.floor_beaten ? " FLOOR BEATEN" : "")
          : "";
  return fmt::format(
      "<div class=\"row\"><div class=\"who\">{}<small>{}</small></div>{}<div class=\"val\">{} "
      "ms{}</div></div>\n",
      bar.who, source, svg, MsText(bar.measured), ratio);
}

std::string Axis(double end) {
  std::string svg = "<svg class=\"axis\" width=\"100%\" height=\"18\" aria-hidden=\"true\">";
  const double step = TickStep(end);
  for (int i = 0; i * step <= end * 0.97; ++i) {
    const std::string x = Percent(i * step, end);
    svg += fmt::format(
        "<line x1=\"{0}\" x2=\"{0}\" y1=\"0\" y2=\"4\"/><text x=\"{0}\" "
        "y=\"15\"{1}>{2:g}{3}</text>",
        x, i == 0 ? " class=\"first\"" : "", i * step, i == 0 ? " ms" : "");
  }
  return "<div class=\"row\"><div class=\"who\"></div>" + svg +
         "</svg><div class=\"val\"></div></div>\n";
}

std::string Panel(const std::string& title, std::vector<Bar>& bars) {
  double end = 0;
  for (const Bar& bar : bars) end = std::max(end, bar.End());
  end *= 1.02;
  std::string html = fmt::format("<figure><figcaption>{}</figcaption>\n", title);
  for (const Bar& bar : bars) html += Row(bar, end);
  return html + Axis(end) + "</figure>\n";
}

// What split a cell best: the server's own header, else the fit, else the log, which names only
// some steps.
Bar BarOf(const RunFiles& run, const json& cell) {
  const std::string server = TextIn(cell, "server"), recipe = TextIn(cell, "recipe"),
                    path = TextIn(cell, "path");
  Bar bar{.who = ServerTitle(run, server), .measured = *NumberIn(cell, "median_ms")};
  bar.low = NumberIn(cell, "median_low_ms").value_or(bar.measured);
  bar.high = NumberIn(cell, "median_high_ms").value_or(bar.measured);
  bar.floor = NumberIn(cell, "floor_ms").value_or(0);
  bar.split_ms = bar.measured;
  bar.floor_parts = PartsIn(ObjectIn(cell, "floor_stages"));
  bar.floor_beaten = FloorBeaten(cell);
  const std::string source = TextIn(cell, "stage_source");
  bar.parts = PartsIn(ObjectIn(cell, "stages"));
  if (!bar.parts.empty()) bar.source = Escaped(source);
  if (source == "server-timing" && !bar.parts.empty()) return bar;
  for (const AttributionFile& file : run.attributions) {
    if (file.server != server || file.recipe != recipe) continue;
    for (const json& request : ListIn(file.body, "requests")) {
      if (TextIn(request, "path") != path) continue;
      auto parts = PartsOf(request);
      if (parts.empty()) continue;
      bar.parts = std::move(parts);
      bar.split_ms = NumberIn(request, "measured_ms").value_or(bar.measured);
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
          .floor = FloorMs(request),
          .split_ms = NumberIn(request, "measured_ms").value_or(0),
          .parts = PartsOf(request),
          .floor_parts = PartsIn(ObjectIn(ObjectIn(request, "methods"), "floor"))};
  std::vector<double> samples;
  for (const json& probe : ListIn(file.body, "probes")) {
    if (TextIn(probe, "path") != TextIn(request, "path") ||
        NumberIn(probe, "image").value_or(0) != 0)
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
  std::map<std::pair<int, std::string>, std::vector<std::pair<std::string, std::vector<Bar>>>>
      panels;
  auto panel = [&](const std::string& request_class,
                   const std::string& title) -> std::vector<Bar>& {
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
    const std::string who = fmt::format("{} {}", ServerTitle(run, TextIn(cell, "server")),
                                        Escaped(TextIn(cell, "recipe")));
    if (NumberIn(cell, "median_ms").value_or(0) <= 0) {
      ++refused[fmt::format("{}: {}", who, Escaped(TextIn(cell, "status")))];
      continue;
    }
    std::string title = TextIn(cell, "recipe");
    if (pages.size() > 1) title += ", page " + TextIn(cell, "page");
    panel(TextIn(cell, "class"), title).push_back(BarOf(run, cell));
    drawn[TextIn(cell, "server") + "\n" + TextIn(cell, "recipe") + "\n" + TextIn(cell, "path")] =
        true;
  }
  for (const AttributionFile& file : run.attributions) {
    for (const json& request : ListIn(file.body, "requests")) {
      const std::string path = TextIn(request, "path");
      if (drawn.contains(file.server + "\n" + file.recipe + "\n" + path)) continue;
      if (NumberIn(request, "measured_ms").value_or(0) > 0)
        panel(path, file.recipe).push_back(BarOf(run, file, request));
    }
  }
  if (panels.empty() && refused.empty())
    return Section("latency", kLatencyTitle,
                   Missing("No request was measured alone.", "iiifbench study"));
  std::string html =
      Legend() +
      "<p class=\"note\">Each panel has its own scale. Stages by server-timing or log are the "
      "server's word for these very requests; stages by probes were fitted in the attribution's "
      "own "
      "run of the same request, and where that run took another time than the study, that stands "
      "in red. "
      "Intervals of stages are in the next section.</p>";
  bool open = true;
  int opened = 0;
  for (auto& [key, list] : panels) {
    std::string figures;
    for (auto& [title, bars] : list) figures += Panel(Escaped(title), bars);
    open = opened++ < 2;
    html += Folded(fmt::format("<h3>{}</h3>", Escaped(key.second)),
                   "<div class=\"panels\">" + figures + "</div>", open);
  }
  std::vector<std::string> lines;
  for (const auto& [line, count] : refused)
    lines.push_back(fmt::format("{} ({} requests)", line, count));
  if (!lines.empty()) html += Folded("Not measured, and why", Bullets(lines));
  return Section("latency", kLatencyTitle, html);
}

}  // namespace iiifbench
