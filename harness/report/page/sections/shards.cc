// A run that many computers did: its whole, and what differs by shard.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "harness/report/page/markup.h"
#include "harness/report/page/sections/sections.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr size_t kShownShards = 64;  // the page stays small whatever the run

struct ShardRow {
  int64_t index = 0;
  bool apart = false;
  const json* about = nullptr;
};

// Those that stand apart first, then in their order.
std::vector<ShardRow> RowsOf(const json& shards) {
  std::set<int64_t> apart;
  for (const auto& sentence : TextsIn(shards, "outliers")) {
    const std::string_view word = "shard ";
    int64_t index = 0;
    if (sentence.starts_with(word) &&
        std::from_chars(sentence.data() + word.size(), sentence.data() + sentence.size(), index)
                .ec == std::errc())
      apart.insert(index);
  }
  std::vector<ShardRow> rows;
  for (const json& shard : ListIn(shards, "shards")) {
    const auto index =
        static_cast<int64_t>(NumberIn(ObjectIn(shard, "shard"), "index").value_or(0));
    rows.push_back({index, apart.contains(index), &shard});
  }
  std::ranges::stable_sort(rows,
                           [](const ShardRow& a, const ShardRow& b) { return a.apart > b.apart; });
  return rows;
}

// A dot a shard on one axis, and a line at the middle of all.
std::string Dots(const std::vector<ShardRow>& rows,
                 const std::vector<std::optional<double>>& values, const std::string& what,
                 const char* unit) {
  constexpr int kLine = 22, kHeight = 64;
  std::vector<double> there;
  for (const auto& value : values)
    if (value) there.push_back(*value);
  if (there.size() < 2) return {};
  const double end = 1.08 * *std::ranges::max_element(there), middle = Median(there);
  if (end <= 0) return {};
  std::string svg = fmt::format(
      "<h3>{}</h3><svg class=\"plot\" width=\"100%\" height=\"{}\" role=\"img\"><title>{} by "
      "shard</title><line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{}\" y2=\"{}\"/>",
      Escaped(what), kHeight, Escaped(what), kLine, kLine);
  for (double at = 0, step = TickStep(end); at < 0.95 * end; at += step)
    svg += fmt::format("<text x=\"{}\" y=\"{}\"{}>{:g}{}</text>", Percent(at, end), kHeight - 6,
                       at == 0 ? " class=\"first\"" : "", at, at == 0 ? unit : "");
  svg += fmt::format(
      "<line class=\"knee\" x1=\"{0}\" x2=\"{0}\" y1=\"4\" y2=\"{1}\"><title>the middle of all: "
      "{2:.3g}{3}</title></line>",
      Percent(middle, end), 2 * kLine - 4, middle, unit);
  // Those that stand apart last, so that they lie above.
  for (size_t i = rows.size(); i-- > 0;) {
    if (!values[i]) continue;
    svg += fmt::format(
        "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\" stroke=\"#fff\" "
        "stroke-width=\"0.6\"><title>shard {}: "
        "{:.3g}{}</title></circle>",
        Percent(*values[i], end), kLine, rows[i].apart ? 6 : 4,
        rows[i].apart ? "#d55e00" : "#0072b2", rows[i].index, *values[i], unit);
  }
  return svg + "</svg>";
}

std::string Fixed(std::optional<double> value) {
  return value ? fmt::format("{:.2f}", *value) : std::string("-");
}

std::optional<double> ClockMs(const json& shard) {
  const json& clock = ObjectIn(shard, "clock");
  const auto low = NumberIn(clock, "low_s"), high = NumberIn(clock, "high_s");
  if (!low || !high) return {};
  return -500 * (*low + *high);
}

std::optional<double> Deep(const json& shard, const char* object, const char* name) {
  return NumberIn(ObjectIn(shard, object), name);
}

std::string ShardTable(const std::vector<ShardRow>& rows, bool load, bool study) {
  std::vector<std::string> columns = {"shard", "host", ">answers", ">failed"};
  if (load) columns.insert(columns.end(), {">p50 ms", ">p90 ms", ">own lag p90 ms", ">clock ms"});
  if (study) columns.insert(columns.end(), {">floor x", ">latency x", ">own lag ms"});
  std::vector<std::vector<std::string>> cells;
  for (const ShardRow& row : rows) {
    if (cells.size() == kShownShards) break;
    const json& s = *row.about;
    std::vector<std::string> line = {row.apart ? fmt::format("<b class=\"bad\">{}</b>", row.index)
                                               : fmt::format("{}", row.index),
                                     Escaped(TextIn(s, "host")),
                                     fmt::format("{:.0f}", NumberIn(s, "answers").value_or(0)),
                                     fmt::format("{:.0f}", NumberIn(s, "failed").value_or(0))};
    if (load) {
      const auto clock = ClockMs(s);
      for (const auto& value :
           {Deep(s, "latency_ms", "p50"), Deep(s, "latency_ms", "p90"), Deep(s, "lag_ms", "p90")})
        line.push_back(Fixed(value));
      line.push_back(clock ? fmt::format("{:.0f}", std::round(*clock) + 0.0) : "-");
    }
    if (study)
      for (const auto& value : {NumberIn(s, "floor_multiple"), NumberIn(s, "latency_multiple"),
                                Deep(s, "lag_ms", "p50")})
        line.push_back(Fixed(value));
    cells.push_back(std::move(line));
  }
  std::string html = Table(columns, cells);
  if (rows.size() > cells.size())
    html += fmt::format("<p class=\"note\">{} more shards stand in shards.json.</p>",
                        rows.size() - cells.size());
  return html;
}

}  // namespace

std::string ShardSection(const RunFiles& run) {
  const auto rows = RowsOf(run.shards);
  if (rows.empty())
    return Section("shards", "Shards",
                   Missing("No shards were joined in this folder.",
                           "iiifbench merge RUN --out " + run.folder));
  const bool load = ObjectIn(*rows.front().about, "latency_ms").contains("p50"),
             study = rows.front().about->contains("floor_multiple");
  const auto outliers = MarkedIn(run.shards, "outliers", "outlier_ids");
  std::string html =
      fmt::format("<p>{} shards of one plan were joined, sample by sample. </p>", rows.size());
  html += outliers.empty() ? "<p>None stands apart.</p>" : Bullets(outliers);
  const auto all = [&](auto&& of) {
    std::vector<std::optional<double>> out;
    for (const ShardRow& row : rows) out.push_back(of(*row.about));
    return out;
  };
  if (rows.size() <= 1000) {
    if (load)
      html += Dots(rows, all([](const json& s) { return Deep(s, "latency_ms", "p50"); }),
                   "Median latency", " ms") +
              Dots(rows, all([](const json& s) { return Deep(s, "lag_ms", "p90"); }),
                   "Our own lag at p90", " ms");
    if (study)
      html += Dots(rows, all([](const json& s) { return NumberIn(s, "floor_multiple"); }),
                   "Floor, in multiples of that of all shards", " x") +
              Dots(rows, all([](const json& s) { return NumberIn(s, "latency_multiple"); }),
                   "Latency, in multiples of that of all shards", " x");
  }
  html += ShardTable(rows, load, study);
  const auto reasons = MarkedIn(run.shards, "not_reportable", "not_reportable_ids");
  if (!reasons.empty()) html += "<p>What shards say of themselves:</p>" + Bullets(reasons);
  return Section("shards", "Shards, side by side", html);
}

std::string PlannedLoadAnswer(const json& load) {
  if (TextIn(load, "kind") != "planned load") return {};
  const json& median = ObjectIn(ObjectIn(load, "percentiles"), "p50");
  const auto ms = NumberIn(median, "ms");
  return fmt::format(
      "<div class=\"answer lead\"><p>{} answers at {:.4g} per second: {}.</p></div>",
      NumberIn(load, "answers").value_or(0), NumberIn(load, "throughput").value_or(0),
      ms ? fmt::format("the median took {} ms [{} {}]", MsText(*ms),
                       MsOrDash(NumberIn(median, "low_ms")), MsOrDash(NumberIn(median, "high_ms")))
         : std::string("too few for a median"));
}

// The whole of a planned load: one row a percentile, one a class.
std::string PlannedLoad(const json& body) {
  std::string html =
      fmt::format("<p>{:.0f} answers, {:.0f} failed, {:.1f} per second over {:.1f} s; plan {}</p>",
                  NumberIn(body, "answers").value_or(0), NumberIn(body, "failed").value_or(0),
                  NumberIn(body, "throughput").value_or(0), NumberIn(body, "seconds").value_or(0),
                  Escaped(TextIn(ObjectIn(body, "plan"), "hash")));
  const auto reasons = MarkedIn(body, "not_reportable", "not_reportable_ids");
  if (!reasons.empty())
    html += "<p><b class=\"bad\">NOT REPORTABLE</b>, because:</p>" + Bullets(reasons);
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, p] : ObjectIn(body, "percentiles").items())
    rows.push_back({Escaped(name), MsOrDash(NumberIn(p, "ms")), MsOrDash(NumberIn(p, "low_ms")),
                    MsOrDash(NumberIn(p, "high_ms"))});
  if (!rows.empty()) html += Table({"percentile", ">latency ms", ">low", ">high"}, rows);
  const auto refused = MarkedIn(body, "refused", "refused_ids");
  if (!refused.empty()) html += Bullets(refused);
  rows.clear();
  for (const auto& [name, of] : ObjectIn(body, "classes").items()) {
    if (rows.size() == kShownShards) break;
    rows.push_back({Escaped(name), fmt::format("{:.0f}", NumberIn(of, "answers").value_or(0)),
                    MsOrDash(NumberIn(of, "median_ms")),
                    fmt::format("{:.1f}", NumberIn(of, "mean_bytes").value_or(0) / 1e3)});
  }
  if (!rows.empty()) html += Table({"class", ">answers", ">median ms", ">kB"}, rows);
  rows.clear();
  for (const auto& [name, ms] : ObjectIn(body, "parts_ms").items())
    rows.push_back({Escaped(name), ms.is_number() ? MsText(ms.get<double>()) : "-"});
  if (!rows.empty()) html += Table({"part of the way", ">median ms"}, rows);
  return html;
}

}  // namespace iiifbench
