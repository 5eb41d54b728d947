// Latency over load, split into service and waiting, with the knee.
#include <algorithm>
#include <set>

#include "harness/answers/response_check.h"
#include "harness/report/page/markup.h"
#include "harness/report/page/sections/sections.h"

namespace iiifbench {
namespace {

using nlohmann::json;

constexpr int kHeight = 240;  // of the plot, in CSS pixels
constexpr int kTop = 12;

struct Point {
  double load = 0, latency = 0;
  std::optional<double> low, high, service, p99, throughput, failed, cpu;
};

std::string LoadName(const json& body) {
  for (const json& point : ListIn(body, "points")) {
    if (NumberIn(point, "rate_per_second")) return "rate_per_second";
  }
  return "clients";
}

std::vector<Point> PointsOf(const json& body, const std::string& axis) {
  std::vector<Point> out;
  for (const json& point : ListIn(body, "points")) {
    const auto load = NumberIn(point, axis), latency = NumberIn(point, "latency_ms");
    if (!load || !latency) continue;
    out.push_back({.load = *load,
                   .latency = *latency,
                   .low = NumberIn(point, "low_ms"),
                   .high = NumberIn(point, "high_ms"),
                   .service = NumberIn(point, "service_ms"),
                   .p99 = NumberIn(ObjectIn(ObjectIn(point, "percentiles"), "p99"), "ms"),
                   .throughput = NumberIn(point, "throughput"),
                   .failed = NumberIn(point, "failed"),
                   .cpu = NumberIn(point, "cpu_ms_per_request")});
  }
  std::ranges::sort(out, {}, &Point::load);
  return out;
}

// Where the curve bends; an interval where there is one.
struct Knee {
  std::optional<double> at, low, high;
};

std::string Plot(const std::vector<Point>& points, const Knee& knee, const char* words) {
  double right = 0, top = 0;
  for (const Point& p : points) {
    right = std::max(right, p.load);
    top = std::max({top, p.latency, p.high.value_or(0)});
  }
  right *= 1.05, top *= 1.05;
  auto x = [&](double load) { return Percent(load, right); };
  auto y = [&](double ms) {
    return top > 0 ? kTop + kHeight * (1 - std::clamp(ms / top, 0.0, 1.0)) : kTop;
  };
  std::string svg = fmt::format(
      "<svg class=\"plot\" width=\"100%\" height=\"{}\" role=\"img\"><title>latency "
      "over load</title>",
      kTop + kHeight + 24);
  auto line = [&](const char* style, double x1, double y1, double x2, double y2) {
    svg += fmt::format("<line class=\"{}\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>",
                       style, x(x1), x(x2), y1, y2);
  };
  for (double ms = 0, step = TickStep(top); ms < top; ms += step) {
    line("grid", 0, y(ms), right, y(ms));
    svg += fmt::format("<text x=\"2\" y=\"{:.1f}\" class=\"first\">{:g} ms</text>", y(ms) - 3, ms);
  }
  for (double load = TickStep(right), step = load; load < right * 0.97; load += step)
    svg += fmt::format("<text x=\"{}\" y=\"{}\">{:g}</text>", x(load), kTop + kHeight + 18, load);
  svg += fmt::format("<text x=\"99%\" y=\"{}\" style=\"text-anchor:end\">{}</text>",
                     kTop + kHeight + 18, words);
  // Below the curve, so that its points can be pointed at.
  if (knee.at && knee.low && knee.high && *knee.low < right)
    svg += fmt::format(
        "<rect class=\"band\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"#b00020\" "
        "fill-opacity=\"0.12\"><title>knee: between {:.3g} and {:.3g}</title></rect>",
        x(*knee.low), kTop, Percent(std::min(*knee.high, right) - *knee.low, right), kHeight,
        *knee.low, *knee.high);
  for (size_t i = 0; i < points.size(); ++i) {
    const Point& p = points[i];
    if (i > 0) line("curve", points[i - 1].load, y(points[i - 1].latency), p.load, y(p.latency));
    if (i > 0 && p.service && points[i - 1].service)
      line("service", points[i - 1].load, y(*points[i - 1].service), p.load, y(*p.service));
    if (p.low && p.high) line("whisker", p.load, y(*p.low), p.load, y(*p.high));
    svg += fmt::format(
        "<circle class=\"curve\" cx=\"{}\" cy=\"{:.1f}\" r=\"4\"><title>{:g} {}: {} "
        "ms</title></circle>",
        x(p.load), y(p.latency), p.load, words, MsText(p.latency));
  }
  if (knee.at && *knee.at <= right) {
    line("knee", *knee.at, kTop, *knee.at, kTop + kHeight);
    svg +=
        fmt::format("<text x=\"{}\" y=\"{}\">knee {:.3g}</text>", x(*knee.at), kTop - 2, *knee.at);
  }
  return svg + "</svg>";
}

// Who was asked for what, and why the curve may not be believed.
std::string LoadHead(const json& body) {
  std::string head;
  const std::string server = TextIn(ObjectIn(body, "server"), "name"),
                    workload = TextIn(ObjectIn(body, "workload"), "name");
  if (!server.empty()) head += Escaped(server);
  if (!workload.empty()) head += ", workload " + Escaped(workload);
  if (!TextIn(body, "link").empty()) head += ", " + Escaped(TextIn(body, "link"));
  if (!TextIn(body, "connections").empty())
    head += ", connections: " + Escaped(TextIn(body, "connections"));
  double seconds = 0;
  for (const json& point : ListIn(body, "points"))
    seconds += NumberIn(point, "seconds").value_or(0);
  const auto points = static_cast<double>(ListIn(body, "points").size());
  if (seconds > 0) head += fmt::format(", {:.0f} s a point", seconds / points);
  if (!head.empty()) head = "<p>" + head + "</p>";
  const auto reasons = MarkedIn(body, "not_reportable", "not_reportable_ids");
  const auto reportable = body.find("reportable");
  if (reasons.empty() && reportable != body.end() && *reportable == true)
    head += "<p><b>REPORTABLE</b></p>";
  if (!reasons.empty())
    head += "<p><b class=\"bad\">NOT REPORTABLE</b>, because:</p>" + Bullets(reasons);
  return head;
}

// "IIPSrv, by clients"; what the file is named where nobody is.
std::string Title(const NamedJson& file, const char* words) {
  const std::string server = TextIn(ObjectIn(file.body, "server"), "name");
  if (server.empty()) return Escaped(file.file);
  return fmt::format("{}, by {} <small>({})</small>", Escaped(server), words, Escaped(file.file));
}

// The Universal Scalability Law in words.
std::string LawText(const json& body) {
  const json law = ObjectIn(body, "scalability");
  if (!TextIn(law, "refused").empty()) return Escaped(TextIn(law, "refused"));
  auto value = [&](const char* name, double scale, const char* unit) {
    const json one = ObjectIn(law, name);
    const auto at = NumberIn(one, "value"), low = NumberIn(one, "low"),
               high = NumberIn(one, "high");
    if (!at) return std::string();
    std::string text = fmt::format("{:.3g}", scale * *at);
    if (low && high) text += fmt::format(" [{:.3g} {:.3g}]", scale * *low, scale * *high);
    return text + unit;
  };
  if (!NumberIn(ObjectIn(law, "sigma"), "value")) return {};
  std::string text = fmt::format(
      "Universal Scalability Law: {} for one client alone; {} of the work is serial (sigma), {} is "
      "lost to "
      "each pair of clients (kappa)",
      value("lambda_per_second", 1, " answers per second"), value("sigma", 100, " %"),
      value("kappa", 100, " %"));
  if (ListIn(body, "points").size() <= 3)
    return text + "; three points fit three parameters: four or more would check the law";
  if (const auto worst = NumberIn(law, "worst_residual"))
    text += fmt::format("; the points lie within {:.1f} % of it", 100 * *worst);
  return text;
}

// What the answers wait for, and what was found about them.
std::string LoadFindings(const json& body) {
  std::vector<std::string> lines;
  if (const std::string law = LawText(body); !law.empty()) lines.push_back(law);
  for (const auto& sentence : MarkedIn(body, "waiting", "waiting_ids")) lines.push_back(sentence);
  std::set<std::string> sizes, changes, doubts, wrong;
  for (const json& point : ListIn(body, "points")) {
    if (const auto rate = NumberIn(point, "rate_per_second");
        rate && !TextIn(point, "overloaded").empty())
      lines.push_back(
          fmt::format("{:g} requests per second: {}", *rate, Escaped(TextIn(point, "overloaded"))));
    const json check = ObjectIn(point, "check");
    for (const auto& text : TextsIn(check, "roundings")) sizes.insert(text);
    for (const auto& text : TextsIn(check, "changed")) changes.insert(text);
    for (const auto& text : TextsIn(check, "not_judged")) doubts.insert(text);
    for (const auto& text : TextsIn(check, "examples")) wrong.insert(text);
  }
  for (const auto& text : sizes)
    lines.push_back("allowed size, not rounded as ours: " + Escaped(text));
  for (const auto& text : changes)
    lines.push_back("the right picture, but changed: " + Escaped(text));
  if (!changes.empty()) lines.push_back(Escaped(std::string(kChangedAdvice)));
  for (const auto& text : doubts)
    lines.push_back("neither right nor wrong, not among the checked: " + Escaped(text));
  if (!doubts.empty()) lines.push_back(Escaped(std::string(kDoubtAdvice)));
  for (const auto& text : wrong) lines.push_back("<b class=\"bad\">wrong</b>: " + Escaped(text));
  return lines.empty() ? "" : Bullets(lines);
}

// "1.22 [1.21 1.23]"
std::string WithInterval(const Point& p) {
  return p.low && p.high
             ? fmt::format("{} [{} {}]", MsText(p.latency), MsText(*p.low), MsText(*p.high))
             : MsText(p.latency);
}

}  // namespace

std::string LoadSection(const RunFiles& run) {
  std::string html;
  for (const NamedJson& file : run.loads) {
    if (TextIn(file.body, "kind") == "planned load") {
      html += PlannedLoad(file.body);
      continue;
    }
    const std::string axis = LoadName(file.body);
    const auto points = PointsOf(file.body, axis);
    if (points.empty()) {
      html += fmt::format(
          "<p class=\"missing\">{} has no \"points\" with \"{}\" and \"latency_ms\".</p>",
          Escaped(file.file), axis);
      continue;
    }
    const json bend = ObjectIn(file.body, "knee");
    const Knee knee{NumberIn(bend, axis), NumberIn(bend, "low"), NumberIn(bend, "high")};
    const char* words = axis == "clients" ? "clients" : "requests per second";
    std::vector<std::vector<std::string>> rows;
    for (const Point& p : points)
      rows.push_back({fmt::format("{:g}", p.load), WithInterval(p), MsOrDash(p.service),
                      p.service ? MsText(p.latency - *p.service) : "-", MsOrDash(p.p99),
                      p.throughput ? fmt::format("{:.1f}", *p.throughput) : "-", MsOrDash(p.cpu),
                      p.failed ? fmt::format("{:g}", *p.failed) : "-"});
    std::string bends;
    if (knee.at) {
      bends =
          fmt::format(" <span>knee at {:.3g} {}{}</span>", *knee.at, words,
                      knee.low && knee.high ? fmt::format(" [{:.3g} {:.3g}]", *knee.low, *knee.high)
                                            : std::string());
    } else if (!TextIn(bend, "refused").empty()) {
      bends = " <span>no knee: " + Escaped(TextIn(bend, "refused")) + "</span>";
    }
    html += fmt::format(
        "<h3>{}</h3>{}<p class=\"legend\"><span>solid: median latency</span> <span>dashed: "
        "service, the "
        "median of one client alone</span> <span>between them: waiting</span>{}</p>{}",
        Title(file, words), LoadHead(file.body), bends, Plot(points, knee, words));
    html += Table({fmt::format(">{}", words), ">latency ms [95 %]", ">service ms", ">waiting ms",
                   ">p99 ms", ">answers per second", ">server's processor ms", ">failed"},
                  rows);
    html += LoadFindings(file.body);
  }
  html += AttributedWaiting(run);
  if (html.empty())
    html = Missing(
        "No load curve is in this folder: load*.json has latency over clients or over requests per "
        "second.",
        "iiifbench load --server NAME --out " + run.folder);
  return Section("load", "Waiting and network: under load, over the way", html);
}

}  // namespace iiifbench
