#include "harness/report/page/sections/matrix.h"

#include <algorithm>
#include <map>

#include "harness/report/page/markup.h"
#include "harness/report/page/parts.h"
#include "harness/report/page/sections/sections.h"

namespace iiifbench {
namespace {

using nlohmann::json;

// Servers in the order they came, file types by name.
class ServersByFileTypes {
 public:
  void Add(const std::string& server, const std::string& recipe, const std::string& html) {
    if (std::ranges::find(servers_, server) == servers_.end()) servers_.push_back(server);
    std::string& text = texts_[recipe][server];
    text += (text.empty() ? "" : "<br>") + html;
  }
  std::string AsTable(const RunFiles& run) const {
    std::vector<std::string> columns = {"server"};
    for (const auto& [recipe, of_servers] : texts_) columns.push_back(Escaped(recipe));
    std::vector<std::vector<std::string>> rows;
    for (const auto& server : servers_) {
      rows.push_back({ServerTitle(run, server)});
      for (const auto& [recipe, of_servers] : texts_) {
        const auto found = of_servers.find(server);
        rows.back().push_back(found == of_servers.end() ? "-" : found->second);
      }
    }
    return Table(columns, rows);
  }

 private:
  std::vector<std::string> servers_;
  std::map<std::string, std::map<std::string, std::string>> texts_;  // file type -> server
};

std::string CellOf(const AttributionFile& file, const std::string& path) {
  const json& request = RequestIn(file, path);
  const auto measured = NumberIn(request, "measured_ms");
  const std::string refused =
      TextsIn(file.body, "refusals").empty() ? "" : " <small class=\"bad\">refusal</small>";
  if (!measured || *measured <= 0) return LinkTo("answer", file, "not measured") + refused;
  const double floor = FloorMs(request);
  std::string ratio;
  if (floor > 0) {
    ratio = " " + Ratio(*measured / floor);
    if (*measured > 1.5 * floor) ratio = "<b>" + ratio + "</b>";
  }
  return fmt::format("{}{}{}<br><small>{}</small>",
                     LinkTo("answer", file, MsText(*measured) + " ms"), ratio, refused,
                     MostlyOf(request));
}

}  // namespace

std::string MostlyOf(const json& request) {
  const auto parts = PartsOf(request);
  if (parts.empty()) return "not split";
  const Part& largest = *std::ranges::max_element(parts, {}, &Part::ms);
  return fmt::format("{} {}", MsText(largest.ms), NameOf(largest));
}

std::string AttributedMatrix(const RunFiles& run, const std::string& path) {
  ServersByFileTypes cells;
  std::string title = Escaped(path);
  for (const AttributionFile& file : run.attributions) {
    cells.Add(file.server, file.recipe, CellOf(file, path));
    if (title == Escaped(path)) title = RequestTitle(run, file, path);
  }
  return fmt::format(
             "<h3>{}, by every server and file type</h3><p class=\"note\">Milliseconds, times the "
             "floor, and "
             "the largest part of it; <i>a + b</i> could not be told apart. Each leads to its "
             "sentence.</p>",
             title) +
         cells.AsTable(run);
}

std::string StudyMatrix(const RunFiles& run) {
  const json& cells = ListIn(run.study, "cells");
  std::string chosen;
  for (const char* name :
       {"info", "level", "line", "crop", "full", "tile"}) {  // the last that is there
    if (std::ranges::any_of(cells, [&](const json& c) {
          return TextIn(c, "class") == name && NumberIn(c, "median_ms");
        }))
      chosen = name;
  }
  ServersByFileTypes texts;
  const json* worst = nullptr;
  double most = 0;
  for (const json& cell : cells) {
    const auto median = NumberIn(cell, "median_ms"), floor = NumberIn(cell, "floor_ms");
    if (!median || *median <= 0 || TextIn(cell, "class") != chosen) continue;
    const double ratio = floor && *floor > 0 ? *median / *floor : 0;
    if (ratio > most) most = ratio, worst = &cell;
    texts.Add(TextIn(cell, "server"), TextIn(cell, "recipe"),
              fmt::format("{} ms {}", MsText(*median), ratio > 0 ? Ratio(ratio) : ""));
  }
  if (!worst) return {};
  return fmt::format(
             "<p class=\"answer lead\">Farthest from the floor: {} {}, {}: {} ms, {:.1f} times our "
             "kernels.</p>"
             "<h3>{}, by every server and file type</h3><p class=\"note\">Median milliseconds, and "
             "times the "
             "floor; - was not measured or is other work (<a href=\"#latency\">why</a>).</p>",
             ServerTitle(run, TextIn(*worst, "server")), Escaped(TextIn(*worst, "recipe")),
             Escaped(TextIn(*worst, "class")), MsText(*NumberIn(*worst, "median_ms")), most,
             chosen) +
         texts.AsTable(run);
}

}  // namespace iiifbench
