// Whether published findings hold here, what a link with delay adds, and our kernels beside other
// libraries.
#include <algorithm>

#include "harness/report/page/markup.h"
#include "harness/report/page/sections/sections.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

using nlohmann::json;

std::string Coloured(const std::string& verdict, const char* good, const char* bad) {
  const char* style = verdict == good ? "ok" : verdict == bad ? "bad" : "";
  return fmt::format("<b class=\"{}\">{}</b>", style, Escaped(verdict));
}

std::string Verdict(const json& finding) {
  std::vector<std::vector<std::string>> rows;
  for (const json& c : ListIn(finding, "contests")) {
    const auto ratio = NumberIn(c, "ratio");
    rows.push_back({Escaped(TextIn(c, "link")), Escaped(TextIn(c, "operation")),
                    Escaped(TextIn(c, "champion")), MsOrDash(NumberIn(c, "champion_ms")),
                    Escaped(TextIn(c, "rival")), MsOrDash(NumberIn(c, "rival_ms")),
                    ratio ? Ratio(*ratio) : "-", Coloured(TextIn(c, "outcome"), "won", "lost"),
                    Escaped(TextIn(c, "stage"))});
  }
  std::string html =
      fmt::format("<p>{}: {} <small>({})</small></p>", Escaped(TextIn(finding, "finding")),
                  Coloured(TextIn(finding, "verdict"), "holds", "does not hold"),
                  Escaped(TextIn(finding, "why")));
  if (!rows.empty())
    html += Folded(fmt::format("{} contests", rows.size()),
                   Table({"link", "operation", "champion", ">ms", "best rival", ">ms",
                          ">rival / champion", "outcome", "decided by"},
                         rows));
  return html;
}

// The median of the same request without the link.
std::optional<double> NearMs(const RunFiles& run, const json& far) {
  for (const json& near : ListIn(run.study, "cells")) {
    bool same = true;
    for (const char* name : {"server", "recipe", "class", "page", "path"})
      same = same && TextIn(near, name) == TextIn(far, name);
    if (same) return NumberIn(near, "median_ms");
  }
  return std::nullopt;
}

std::string LinkTable(const RunFiles& run) {
  std::vector<std::vector<std::string>> rows;
  for (const json& cell : run.far_cells) {
    const auto far = NumberIn(cell, "median_ms"), near = NearMs(run, cell),
               bytes = NumberIn(cell, "bytes");
    if (!far) continue;
    rows.push_back({Escaped(TextIn(cell, "link")),
                    fmt::format("{} {}", ServerTitle(run, TextIn(cell, "server")),
                                Escaped(TextIn(cell, "recipe"))),
                    fmt::format("{} <small>{}</small>", Escaped(TextIn(cell, "class")),
                                Escaped(TextIn(cell, "page"))),
                    bytes ? fmt::format("{:.0f}", *bytes / 1000) : "-", MsText(*far),
                    MsOrDash(near), near ? MsText(*far - *near) : "-"});
  }
  if (rows.empty()) return "";
  return Folded(
      fmt::format("What the link adds to the same request <small>{} requests</small>", rows.size()),
      Table({"link", "server", "request", ">kB", ">over the link ms", ">loopback ms", ">added ms"},
            rows));
}

double MedianMs(const json& row) {
  std::vector<double> all;
  for (const json& ms : ListIn(row, "milliseconds")) {
    if (ms.is_number()) all.push_back(ms.get<double>());
  }
  return all.empty() ? 0 : Median(all);
}

std::string PeerCase(const json& one) {
  std::vector<std::vector<std::string>> rows;
  for (const json& row : ListIn(one, "rows")) {
    const double ms = MedianMs(row);
    const json& ratio = ObjectIn(row, "ratio");
    const auto median = NumberIn(ratio, "median"), low = NumberIn(ratio, "low"),
               high = NumberIn(ratio, "high");
    std::string note = Escaped(TextIn(row, "apart"));
    if (!TextIn(row, "failed").empty())
      note += fmt::format("<span class=\"bad\">failed</span>: {}", Escaped(TextIn(row, "failed")));
    rows.push_back({Escaped(TextIn(row, "label")), ms > 0 ? MsText(ms) : "-",
                    median && low && high ? fmt::format("{} <small>({:.2f}-{:.2f})</small>",
                                                        Ratio(*median), *low, *high)
                                          : "-",
                    note});
  }
  if (rows.empty()) return "";
  const std::string floor = TextIn(one, "floor");
  return Folded(fmt::format("{} <small{}>floor: {}</small>", Escaped(TextIn(one, "name")),
                            floor.starts_with("broken") ? " class=\"bad\"" : "",
                            floor.empty() ? "not said" : Escaped(floor)),
                Table({"library", ">median ms", ">times ours", "other work, or why not"}, rows));
}

}  // namespace

std::string FindingSection(const RunFiles& run) {
  std::string html;
  const json& verdicts = ListIn(run.study, "verdicts");
  for (const json& finding : verdicts) html += Verdict(finding);
  const auto left_out =
      verdicts.empty() ? std::vector<std::string>() : TextsIn(verdicts.front(), "left_out");
  std::vector<std::string> escaped;
  for (const auto& line : left_out) escaped.push_back(Escaped(line));
  if (!escaped.empty())
    html +=
        Folded(fmt::format("{} left out: their answers are other work, or the cell breaks a rule",
                           escaped.size()),
               Bullets(escaped));
  if (verdicts.empty())
    html = Missing("No published finding was put to the test in this run.",
                   "iiifbench study --preset founding");
  return Section("findings", "Published findings, put to the test", html + LinkTable(run));
}

std::string PeerSection(const RunFiles& run) {
  std::string html;
  for (const NamedJson& file : run.peers) {
    std::string versions, cases;
    size_t count = 0, broken = 0;
    for (const auto& [name, version] : ObjectIn(file.body, "versions").items()) {
      if (version.is_string() && !version.get<std::string>().empty())
        versions += (versions.empty() ? "" : "; ") + Escaped(version.get<std::string>());
    }
    for (const json& one : ListIn(file.body, "cases")) {
      const std::string text = PeerCase(one);
      if (text.empty()) continue;
      cases += text;
      ++count;
      broken += TextIn(one, "floor").starts_with("broken");
    }
    if (count == 0) continue;
    html += fmt::format(
        "<p>{}: in {} of {} cases a library that does the same work is faster than our "
        "kernel{}.</p><p "
        "class=\"note\">{}</p>{}",
        Escaped(file.file), broken, count, broken > 0 ? ": there the floor is too high" : "",
        versions, cases);
  }
  if (html.empty())
    html = Missing("No comparison with other libraries is in this folder.",
                   "peers --json " + run.folder + "/peers.json");
  return Section("peers", "Our kernels beside other libraries", html);
}

}  // namespace iiifbench
