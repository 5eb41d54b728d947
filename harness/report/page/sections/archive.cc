// The profile of an archive: what it is made of, what serving it costs, what other recipes would
// save.
#include <algorithm>
#include <map>

#include "harness/report/page/markup.h"
#include "harness/report/page/sections/sections.h"

namespace iiifbench {
namespace {

using nlohmann::json;

// The page stays small whatever the archive; the rest stands in profile.json.
constexpr size_t kShownValues = 12, kShownStrata = 60, kShownWorst = 30;

std::string Whole(double count) {
  std::string digits = fmt::format("{:.0f}", count), out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string Digits(std::optional<double> value) {
  return value ? fmt::format("{:.3g}", *value) : std::string("-");
}

std::string More(size_t all, size_t shown, const char* what) {
  return all > shown ? fmt::format("<p class=\"note\">{} more {} stand in profile.json.</p>",
                                   all - shown, what)
                     : std::string();
}

std::string ShareBar(double share) {
  return fmt::format(
      "<svg class=\"share\" width=\"100%\" height=\"12\" role=\"img\"><title>{:.1f} "
      "%</title><rect x=\"0\" y=\"1\" height=\"10\" width=\"{:.2f}%\" fill=\"#0072b2\"/></svg>",
      100 * share, std::clamp(100 * share, 0.3, 100.0));
}

// How often each value of a field occurs, the most frequent first.
std::string Distribution(const std::string& field, const json& values) {
  std::vector<std::pair<double, std::string>> counts;
  double all = 0;
  for (const auto& [value, count] : values.items()) {
    if (!count.is_number()) continue;
    counts.emplace_back(count.get<double>(), value);
    all += counts.back().first;
  }
  if (all <= 0) return {};
  std::ranges::sort(counts, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::vector<std::vector<std::string>> rows;
  for (const auto& [count, value] : counts) {
    if (rows.size() == kShownValues) break;
    rows.push_back({Escaped(value), Whole(count), ShareBar(count / all)});
  }
  return Folded(
      fmt::format("{}: {}", Escaped(field), Escaped(counts.front().second)) +
          (counts.size() > 1 ? fmt::format(" in {:.0f} %", 100 * counts.front().first / all)
                             : std::string(" in all")),
      Table({Escaped(field), ">files", "share"}, rows) + More(counts.size(), rows.size(), "values"),
      counts.size() > 1);
}

std::string Serving(const json& serving) {
  const json& cpu = ObjectIn(serving, "cpu_seconds_per_1000_views");
  const auto value = NumberIn(cpu, "value");
  if (!value) return "<p>" + Escaped(TextIn(serving, "refused")) + "</p>";
  const auto low = NumberIn(cpu, "low"), high = NumberIn(cpu, "high");
  std::string html =
      fmt::format("<p>Serving costs <b>{:.4g} processor seconds per 1,000 views</b>{}.</p>", *value,
                  low && high ? fmt::format(" [{:.4g} {:.4g}]", *low, *high)
                              : " (" + Escaped(TextIn(cpu, "no_interval")) + ")");
  const json &tile = ObjectIn(serving, "tile_ms"),
             &memory = ObjectIn(serving, "memory_mb_per_request");
  html += Table({"", ">p50", ">p95", ">p99 or most"},
                {{"a tile, ms", Digits(NumberIn(tile, "p50")), Digits(NumberIn(tile, "p95")),
                  Digits(NumberIn(tile, "p99"))},
                 {"memory of a request, MB", Digits(NumberIn(memory, "p50")),
                  Digits(NumberIn(memory, "p95")), Digits(NumberIn(memory, "max"))}});
  return html;
}

std::string Strata(const json& profile) {
  std::vector<const json*> strata;
  for (const json& one : ListIn(profile, "strata")) strata.push_back(&one);
  std::ranges::stable_sort(strata, std::greater<>(),
                           [](const json* s) { return NumberIn(*s, "files").value_or(0); });
  std::vector<std::vector<std::string>> rows;
  for (const json* s : strata) {
    if (rows.size() == kShownStrata) break;
    const json& tile = ObjectIn(*s, "tile_ms");
    rows.push_back({Escaped(TextIn(*s, "name")), Whole(NumberIn(*s, "files").value_or(0)),
                    Digits(NumberIn(*s, "mean_mpx")), Whole(NumberIn(*s, "measured").value_or(0)),
                    Digits(NumberIn(*s, "view_cpu_ms")), Digits(NumberIn(tile, "p50")),
                    Digits(NumberIn(tile, "p95"))});
  }
  if (rows.empty()) return {};
  return "<h3>Strata</h3>" +
         Table({"stratum", ">files", ">Mpx", ">measured", ">view, processor ms", ">tile p50 ms",
                ">tile p95 ms"},
               rows) +
         More(strata.size(), rows.size(), "strata");
}

std::string Reencoding(const json& profile) {
  std::vector<std::vector<std::string>> rows, refused;
  size_t all = 0;
  for (const json& t : ListIn(profile, "reencoding")) {
    ++all;
    if (rows.size() + refused.size() == kShownStrata) continue;
    const auto saves = NumberIn(t, "saves_cpu_seconds_per_1000_views");
    if (!saves) {
      refused.push_back({Escaped(TextIn(t, "stratum")), Escaped(TextIn(t, "recipe")),
                         Escaped(TextIn(t, "refused"))});
      continue;
    }
    rows.push_back({Escaped(TextIn(t, "stratum")), Escaped(TextIn(t, "recipe")),
                    fmt::format("{:.3g}", *saves), Digits(NumberIn(t, "bytes_ratio")),
                    fmt::format("{:.1f}", NumberIn(t, "costs_bytes").value_or(0) / 1e6),
                    Digits(NumberIn(t, "encode_cpu_hours"))});
  }
  std::string html;
  if (!rows.empty())
    html += "<h3>What other recipes would save</h3><p>Processor time; below 0 it costs more.</p>" +
            Table({"stratum", "recipe", ">saves s per 1,000 views", ">bytes, times", ">costs MB",
                   ">encoding, hours"},
                  rows);
  if (!refused.empty())
    html += Folded("Not tried, and why", Table({"stratum", "recipe", "why"}, refused));
  return html.empty() ? html : html + More(all, rows.size() + refused.size(), "rows");
}

std::string WorstAndDamaged(const json& profile) {
  std::string html;
  std::vector<std::vector<std::string>> rows;
  for (const json& w : ListIn(profile, "worst")) {
    if (rows.size() == kShownWorst) break;
    rows.push_back({Escaped(TextIn(w, "file")), Digits(NumberIn(w, "view_cpu_ms")),
                    fmt::format("{:.1f}", NumberIn(w, "bytes").value_or(0) / 1e6),
                    Escaped(TextIn(w, "stratum"))});
  }
  if (!rows.empty())
    html += "<h3>The costliest files</h3>" +
            Table({"file", ">view, processor ms", ">MB", "stratum"}, rows);
  rows.clear();
  for (const auto& [kind, of] : ObjectIn(profile, "damage").items()) {
    std::string examples;
    size_t shown = 0;
    for (const json& example : ListIn(of, "examples")) {
      if (shown++ == 3) break;
      const std::string text = example.is_string()
                                   ? example.get<std::string>()
                                   : TextIn(example, "file") + ": " + TextIn(example, "reason");
      examples += (examples.empty() ? "" : "<br>") + Escaped(text);
    }
    rows.push_back({Escaped(kind), Whole(NumberIn(of, "files").value_or(0)), examples});
  }
  if (!rows.empty()) html += "<h3>Damaged files</h3>" + Table({"kind", ">files", "examples"}, rows);
  return html;
}

std::string Bytes(double bytes) {
  return bytes < 1e9 ? fmt::format("{:.3g} MB", bytes / 1e6)
                     : fmt::format("{:.4g} GB", bytes / 1e9);
}

}  // namespace

std::string ArchiveAnswer(const json& profile) {
  const auto value =
      NumberIn(ObjectIn(ObjectIn(profile, "serving"), "cpu_seconds_per_1000_views"), "value");
  if (!value) return {};
  return fmt::format(
      "<div class=\"answer lead\"><p>Serving this archive costs {:.4g} processor seconds per 1,000 "
      "views in our kernels; it has {} images.</p></div>",
      *value, Whole(NumberIn(ObjectIn(profile, "files"), "images").value_or(0)));
}

std::string ArchiveSection(const RunFiles& run) {
  const json& profile = run.profile;
  if (profile.is_null())
    return Section("archive", "Archive",
                   Missing("No profile of an archive is in this folder.",
                           "iiifbench profile ARCHIVE --out " + run.folder));
  const json &files = ObjectIn(profile, "files"), &mpx = ObjectIn(profile, "mpx"),
             &size = ObjectIn(profile, "file_mb");
  std::string html = fmt::format(
      "<p>{} files, of which {} are images; {}.</p>", Whole(NumberIn(files, "listed").value_or(0)),
      Whole(NumberIn(files, "images").value_or(0)), Bytes(NumberIn(profile, "bytes").value_or(0)));
  html += Serving(ObjectIn(profile, "serving"));
  html += Table({"", ">p5", ">p50", ">p95", ">most"},
                {{"megapixels", Digits(NumberIn(mpx, "p5")), Digits(NumberIn(mpx, "p50")),
                  Digits(NumberIn(mpx, "p95")), Digits(NumberIn(mpx, "max"))},
                 {"file, MB", Digits(NumberIn(size, "p5")), Digits(NumberIn(size, "p50")),
                  Digits(NumberIn(size, "p95")), Digits(NumberIn(size, "max"))}});
  html += Strata(profile);
  html += Reencoding(profile);
  html += WorstAndDamaged(profile);
  std::string fields;
  for (const auto& [field, values] : ObjectIn(profile, "fields").items())
    fields += Distribution(field, values);
  if (!fields.empty()) html += "<h3>What the files are made of</h3>" + fields;
  return Section("archive", "Archive: what it is made of, and what serving it costs", html);
}

}  // namespace iiifbench
