#include "harness/report/page/markup.h"

#include <algorithm>
#include <cmath>

namespace iiifbench {
namespace {

constexpr char kMissing[] = "<p class=\"missing\">";

}  // namespace

std::string Escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        // Control characters are not allowed in HTML at all.
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
  }
  return out;
}

std::string MarkOf(std::string_view id) {
  const FindingEntry* entry = EntryOf(id);
  if (entry == nullptr) return {};
  const std::string title =
      entry->remedy.empty() ? "" : fmt::format(" title=\"{}\"", Escaped(entry->remedy));
  return fmt::format(" <small class=\"id\"{}>{}</small>", title, Escaped(id));
}

std::string Marked(const Finding& finding) { return Escaped(finding.text) + MarkOf(finding.id); }

std::vector<std::string> MarkedIn(const nlohmann::json& file, const char* texts, const char* ids) {
  std::vector<std::string> out;
  for (const Finding& finding : FindingsIn(file, texts, ids)) out.push_back(Marked(finding));
  return out;
}

std::string MsOrDash(std::optional<double> ms) { return ms ? MsText(*ms) : "-"; }

std::string MsWithInterval(const nlohmann::json& estimate) {
  const auto ms = NumberIn(estimate, "ms"), low = NumberIn(estimate, "low"),
             high = NumberIn(estimate, "high");
  if (!ms) return "-";
  if (!low || !high || MsText(*low) == MsText(*high)) return MsText(*ms);
  return fmt::format("{} <small>({}-{})</small>", MsText(*ms), MsText(*low), MsText(*high));
}

std::string Ratio(double ratio) {
  return ratio < 10 ? fmt::format("&times;{:.2f}", ratio) : fmt::format("&times;{:.0f}", ratio);
}

std::string Millions(double count) {
  const double millions = count / 1e6;
  return millions < 0.1
             ? fmt::format("{:.3f}", millions)
             : (millions < 10 ? fmt::format("{:.2f}", millions) : fmt::format("{:.0f}", millions));
}

std::string Section(const std::string& id, const std::string& title, const std::string& html) {
  return fmt::format(
      "<section id=\"{}\"{}><h2>{}</h2>\n{}</section>\n", id,
      html.starts_with(kMissing) && html.find("<table") == std::string::npos ? kEmpty : "", title,
      html);
}

std::string Missing(std::string_view what, std::string_view command) {
  std::string out = kMissing + Escaped(what);
  if (!command.empty()) out += fmt::format(" Make it by: <code>{}</code>", Escaped(command));
  return out + "</p>\n";
}

std::string Table(const std::vector<std::string>& columns,
                  const std::vector<std::vector<std::string>>& rows) {
  std::string out = "<div class=\"wide\"><table><thead><tr>";
  auto cell = [&](size_t column, const char* tag, const std::string& html) {
    const bool number = column < columns.size() && columns[column].starts_with(">");
    out += fmt::format("<{0}{1}>{2}</{0}>", tag, number ? " class=\"n\"" : "", html);
  };
  for (size_t i = 0; i < columns.size(); ++i)
    cell(i, "th", columns[i].starts_with(">") ? columns[i].substr(1) : columns[i]);
  out += "</tr></thead><tbody>\n";
  for (const auto& row : rows) {
    out += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) cell(i, "td", row[i]);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string Folded(const std::string& summary, const std::string& html, bool open) {
  return fmt::format("<details{}><summary>{}</summary>\n{}</details>\n", open ? " open" : "",
                     summary, html);
}

std::string Bullets(const std::vector<std::string>& escaped) {
  std::string out = "<ul>";
  for (const auto& line : escaped) out += "<li>" + line + "</li>\n";
  return out + "</ul>\n";
}

std::string Swatch(std::string_view stage) {
  return fmt::format(
      "<svg class=\"swatch\" aria-hidden=\"true\"><rect class=\"s-{}\" width=\"100%\" "
      "height=\"100%\"/></svg>",
      stage);
}

std::string Legend() {
  std::string out = "<p class=\"legend\">";
  for (const Stage stage : kStages)
    out += fmt::format("<span>{}{}</span> ", Swatch(StageName(stage)), StageName(stage));
  out += fmt::format("<span>{}unexplained</span> <span>{}not split</span> ", Swatch("unexplained"),
                     Swatch("unsplit"));
  return out +
         "<span>thick bar: measured; bands one above the other: stages that could not be told "
         "apart, their "
         "sum is "
         "the width; thin bar: floor; tick and whisker: the study's median and its 95 % "
         "interval</span></p>\n";
}

std::string Percent(double value, double end) {
  return fmt::format("{:.2f}%", end > 0 ? std::clamp(100 * value / end, 0.0, 100.0) : 0.0);
}

double TickStep(double end) {
  if (!(end > 0)) return 1;
  const double power = std::pow(10, std::floor(std::log10(end)));
  for (const double factor : {0.2, 0.25, 0.5, 1.0, 2.0}) {
    if (end / (power * factor) <= 6) return power * factor;
  }
  return power * 2;
}

}  // namespace iiifbench
