// The one-sentence answers, and what would help.
#include <algorithm>
#include <cmath>

#include "harness/report/page/markup.h"
#include "harness/report/page/sections/sections.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr char kAttributeCommand[] = "iiifbench study --attribute";

// A sentence from the stages that a server told by itself; empty when it told none.
std::string SentenceOf(const RunFiles& run, const json& cell) {
  const auto median = NumberIn(cell, "median_ms");
  const json& stages = ObjectIn(cell, "stages");
  if (!median || stages.empty()) return {};
  std::vector<std::pair<double, std::string>> parts;
  double sum = 0;
  for (const Stage stage : kStages) {
    const double ms = NumberIn(stages, std::string(StageName(stage))).value_or(0);
    sum += ms;
    if (ms >= 0.01 * *median) parts.emplace_back(ms, StageName(stage));
  }
  const double unexplained = std::round(100 * (*median - sum) / *median) + 0.0;  // never "-0"
  std::ranges::sort(parts, std::greater<>());
  std::string text;
  for (const auto& [ms, name] : parts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", MsText(ms), name);
  return fmt::format(
      "<b>{} {}</b>: p50 of a {} is {} ms: {}; {:.0f} % unexplained. <small>(by {})</small>",
      ServerTitle(run, TextIn(cell, "server")), Escaped(TextIn(cell, "recipe")),
      Escaped(TextIn(cell, "class")), MsText(*median), text.empty() ? "no stage is told" : text,
      unexplained, Escaped(TextIn(cell, "stage_source")));
}

struct Change {
  double share = 0;  // of the request
  bool sure = true;
  std::string whose;
  std::vector<std::string> row;
};

constexpr size_t kShownChanges = 15;  // changes that are not folded away

}  // namespace

std::string ServerTitle(const RunFiles& run, const std::string& name) {
  for (const json& server : ListIn(run.study, "servers")) {
    const std::string title = TextIn(server, "title");
    if (TextIn(server, "name") == name && !title.empty()) return Escaped(title);
  }
  return Escaped(name);
}

std::string RequestTitle(const RunFiles& run, const AttributionFile& from,
                         const std::string& path) {
  for (const json& cell : ListIn(run.study, "cells")) {
    if (TextIn(cell, "path") == path && TextIn(cell, "server") == from.server &&
        TextIn(cell, "recipe") == from.recipe)
      return fmt::format("{} <small>{}</small>", Escaped(TextIn(cell, "class")), Escaped(path));
  }
  return Escaped(path);
}

std::string AnswerSection(const RunFiles& run) {
  std::string html = Overview(run);
  const bool told_already = !run.attributions.empty();
  std::vector<std::string> told;
  for (const json& cell : ListIn(run.study, "cells")) {
    if (TextIn(cell, "class") != "tile") continue;
    const std::string sentence = SentenceOf(run, cell);
    if (!sentence.empty()) told.push_back(sentence);
  }
  if (!told.empty() && !told_already) {
    html +=
        "<p>What servers said of themselves:</p><div class=\"answer\">" + Bullets(told) + "</div>";
  } else if (!told.empty()) {
    html += Folded("What servers said of themselves (Server-Timing or log)", Bullets(told));
  }
  if (run.attributions.empty() && !run.study.is_null())
    html += Missing(
        "No attribution is in this folder: servers that do not tell their stages are not split.",
        kAttributeCommand);
  html += ArchiveAnswer(run.profile);
  for (const NamedJson& load : run.loads) html += PlannedLoadAnswer(load.body);
  if (const auto apart = MarkedIn(run.shards, "outliers", "outlier_ids"); !apart.empty())
    html += fmt::format("<p>{}{}</p>", apart.front(),
                        apart.size() > 1 ? "; more in <a href=\"#shards\">Shards</a>" : "");
  if (run.more_cells > 0)
    html += fmt::format(
        "<p class=\"note\">{} more cells stand in study.md; this page draws the "
        "others.</p>",
        run.more_cells);
  if (run.more_attributions > 0)
    html += fmt::format(
        "<p class=\"note\">The first {} attributions are drawn; {} more stand in "
        "attribution-images.json.</p>",
        run.attributions.size(), run.more_attributions);
  return Section("answer", "The answer", html);
}

std::string WhatIfSection(const RunFiles& run) {
  std::vector<Change> changes;
  for (const AttributionFile& file : run.attributions) {
    for (const json& change : ListIn(file.body, "what_ifs")) {
      const auto saves = NumberIn(change, "saves_ms");
      if (!saves) continue;
      const std::string path = TextIn(change, "path");
      double measured = 0;
      for (const json& request : ListIn(file.body, "requests")) {
        if (TextIn(request, "path") == path)
          measured = NumberIn(request, "measured_ms").value_or(0);
      }
      // What was tried was asked once more, some of it under load.
      measured = NumberIn(change, "tried_before_ms").value_or(measured);
      const auto tried = NumberIn(change, "tried_saves_ms");
      const json estimate = {{"ms", *saves},
                             {"low", NumberIn(change, "low").value_or(*saves)},
                             {"high", NumberIn(change, "high").value_or(*saves)}};
      const bool sure = change.value("sure", true) && NumberIn(change, "low").value_or(*saves) > 0;
      const std::string unknown = TextIn(change, "unknown");
      const double noise = NumberIn(change, "noise_ms").value_or(0);
      Change out{
          .share = measured > 0 ? *saves / measured : 0,
          .sure = sure,
          .whose = fmt::format("{} {}", ServerTitle(run, file.server), Escaped(file.recipe))};
      out.row = {out.whose,
                 Escaped(TextIn(change, "change")) +
                     (unknown.empty() ? sure ? "" : " <small>(not sure)</small>"
                                      : " <small>(a range: " + Escaped(unknown) + ")</small>"),
                 RequestTitle(run, file, path),
                 measured > 0 ? MsText(measured) : "-",
                 MsWithInterval(estimate),
                 measured <= 0 ? "-"
                 : out.share <= 1
                     ? fmt::format("{:.0f} %", 100 * out.share)
                     : fmt::format("<span class=\"bad\">{:.0f} %: more than there is</span>",
                                   100 * out.share),
                 !tried ? "<small>not tried</small>"
                 : std::abs(*tried) < noise
                     ? fmt::format("none that we can measure (below {})", MsText(noise))
                     : fmt::format("<b>{}</b>", MsText(*tried))};
      changes.push_back(std::move(out));
    }
  }
  // By share first: one millisecond of a tile is worth more than two of a full page. What is not
  // sure comes last, as does a saving of more than all: it comes of a doubtful split.
  const auto worth = [](const Change& c) {
    return c.share > 1 ? -1 : c.sure ? c.share : c.share - 1;
  };
  std::ranges::stable_sort(changes, std::greater<>(), worth);
  // Of many attributions each has its best shown, or one bad server would fill the table.
  const size_t each =
      std::max<size_t>(1, kShownChanges / std::max<size_t>(1, run.attributions.size()));
  std::map<std::string, size_t> shown;
  std::vector<std::vector<std::string>> first, rest;
  for (auto& change : changes)
    (shown[change.whose]++ < each ? first : rest).push_back(std::move(change.row));
  const std::vector<std::string> columns = {"server",
                                            "change",
                                            "request",
                                            ">measured ms",
                                            ">saves, predicted ms",
                                            ">share",
                                            ">saves, measured ms"};
  std::string html;
  if (!first.empty()) {
    html = fmt::format(
               "<p>Ranked by the share of the request that the change is predicted to save, with "
               "the 95 % "
               "interval of the prediction; those whose interval is wider than the saving come "
               "last. At most {} "
               "of each server and file type, the others below.</p>",
               each) +
           Table(columns, first);
    if (!rest.empty()) html += Folded(fmt::format("{} more", rest.size()), Table(columns, rest));
  } else if (run.attributions.empty()) {
    html = Missing("What-ifs come from an attribution.", kAttributeCommand);
  } else {
    html = "<p>The attributions found no change that would save 5 % of a request or more.</p>";
  }
  return Section("what-if", "What would help", html);
}

}  // namespace iiifbench
