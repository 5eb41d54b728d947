// The first thing on the page: which server and file type is how far from what is possible, and
// why, each in one sentence with the first thing to change.
#include <algorithm>

#include "harness/report/page/markup.h"
#include "harness/report/page/parts.h"
#include "harness/report/page/sections/matrix.h"
#include "harness/report/page/sections/sections.h"

namespace iiifbench {
namespace {

using nlohmann::json;

// The request that most attributions have, so that a row of the table compares like with like; of
// several, the one that takes longest.
std::string CommonPath(const RunFiles& run) {
  std::map<std::string, std::pair<int, double>> seen;
  for (const AttributionFile& file : run.attributions) {
    for (const json& request : ListIn(file.body, "requests")) {
      auto& [count, ms] = seen[TextIn(request, "path")];
      ++count;
      ms += NumberIn(request, "measured_ms").value_or(0);
    }
  }
  if (seen.empty()) return {};
  return std::ranges::max_element(seen, {}, [](const auto& s) { return s.second; })->first;
}

// The first change for the request that the sentence is about.
std::string FirstChange(const AttributionFile& file) {
  const std::string about = TextIn(file.body, "about");
  const json& request = RequestIn(file, about);
  const auto way = NumberIn(ObjectIn(ObjectIn(request, "stages"), "network"), "ms"),
             all = NumberIn(request, "measured_ms");
  if (way && all && *way > 0.5 * *all)
    return fmt::format(
        "<br><b>Change first:</b> the way, not the server: {} of {} ms are the network.",
        MsText(*way), MsText(*all));
  for (const json& change : ListIn(file.body, "what_ifs")) {  // ranked
    const auto saves = NumberIn(change, "saves_ms");
    const std::string path = TextIn(change, "path");
    const auto measured = NumberIn(RequestIn(file, path), "measured_ms");
    if (!saves || !measured || (!about.empty() && path != about)) continue;
    const auto tried = NumberIn(change, "tried_saves_ms");
    return fmt::format("<br><b>Change first:</b> {}: saves about {} of {} ms{}.",
                       Escaped(TextIn(change, "change")), MsText(*saves),
                       MsText(NumberIn(change, "tried_before_ms").value_or(*measured)),
                       tried ? fmt::format("; tried: {}", MsText(*tried)) : ", predicted");
  }
  return "<br><b>Change first:</b> nothing that we know would save 5 % of it.";
}

// Groups that share a stage were recorded by older builds, whose sentence counts it in each.
std::string CountedTwice(const AttributionFile& file) {
  const json& request = RequestIn(file, TextIn(file.body, "about"));
  std::map<std::string, int> seen;
  for (const json& group : ListIn(request, "merged")) {
    for (const json& name : group) {
      if (name.is_string() && ++seen[name.get<std::string>()] == 2) {
        for (const Part& part : PartsOf(request)) {
          if (std::ranges::find(part.stages, name.get<std::string>()) != part.stages.end())
            return fmt::format(
                " <span class=\"bad\">{} stands in two sums there: together {} is {} ms.</span>",
                Escaped(name.get<std::string>()), NameOf(part), MsText(part.ms));
        }
      }
    }
  }
  return {};
}

std::string SentenceItem(const RunFiles& run, const AttributionFile& file, bool links) {
  const std::string sentence = TextIn(file.body, "sentence");
  std::string out = fmt::format("{}<b>{}</b>: ", LandingOf("answer", file), WhoOf(run, file));
  out += sentence.empty() ? "no sentence was recorded." : Escaped(sentence) + CountedTwice(file);
  if (!sentence.empty()) out += FirstChange(file);
  for (const auto& refusal : MarkedIn(file.body, "refusals", "refusal_ids"))
    out += "<br><span class=\"bad\">refused</span>: " + refusal;
  const size_t findings = TextsIn(file.body, "findings").size();
  if (links)
    out += fmt::format(
        "<br><small>{} &middot; {} &middot; <a href=\"#answer\">overview</a></small>",
        LinkTo("stages", file, "stages"),
        LinkTo("methods", file,
               fmt::format("methods, {} finding{}", findings, findings == 1 ? "" : "s")));
  return out;
}

// Where most is to be had: the attribution that is farthest from its floor.
std::string Lead(const RunFiles& run, const std::string& path) {
  const AttributionFile* worst = nullptr;
  double most = 0;
  int near = 0, compared = 0;
  for (const AttributionFile& file : run.attributions) {
    const json& request = RequestIn(file, path);
    const double floor = FloorMs(request), measured = NumberIn(request, "measured_ms").value_or(0);
    if (floor <= 0 || measured <= 0) continue;
    ++compared;
    near += measured <= 1.5 * floor;
    if (measured / floor > most) most = measured / floor, worst = &file;
  }
  if (!worst) return {};
  const json& request = RequestIn(*worst, path);
  return fmt::format(
      "<p class=\"answer lead\">Farthest from the floor: {}, {:.1f} times our kernels: {} ms, of "
      "which {}. "
      "Within 1.5 times are {} of {} "
      "pairs of server and file type.</p>",
      LinkTo("answer", *worst, WhoOf(run, *worst)), most, MsText(*NumberIn(request, "measured_ms")),
      MostlyOf(request), near, compared);
}

// "IIPSrv, viewer: 1.22 ms alone, 5.34 with 8 clients, of which 4.12 waiting; the knee is at 1.87
// clients."
std::string LoadSentence(const json& body) {
  const json *alone = nullptr, *most = nullptr;
  std::string axis = "clients";
  for (const json& point : ListIn(body, "points")) {
    if (NumberIn(point, "rate_per_second")) axis = "rate_per_second";
    if (!NumberIn(point, "latency_ms")) continue;
    if (!alone) alone = &point;
    most = &point;
  }
  if (!alone) return {};
  const std::string words = axis == "clients" ? "clients" : "requests per second";
  auto load = [&](const json& point) {
    const double at = NumberIn(point, axis).value_or(0);
    return fmt::format("{:g} {}", at, axis == "clients" && at == 1 ? "client" : words);
  };
  std::string out = fmt::format("<b>{}</b>, workload {}: p50 is {} ms at {}",
                                Escaped(TextIn(ObjectIn(body, "server"), "name")),
                                Escaped(TextIn(ObjectIn(body, "workload"), "name")),
                                MsText(*NumberIn(*alone, "latency_ms")), load(*alone));
  if (most != alone) {
    const double latency = *NumberIn(*most, "latency_ms");
    out += fmt::format(", {} ms at {}", MsText(latency), load(*most));
    if (const auto service = NumberIn(*most, "service_ms"))
      out += fmt::format(", {} of it waiting", MsText(std::max(0.0, latency - *service)));
  }
  const json& knee = ObjectIn(body, "knee");
  if (const auto at = NumberIn(knee, axis)) {
    out += fmt::format("; beyond {:.3g} {} more load only waits", *at, words);
  } else if (!TextIn(knee, "refused").empty()) {
    out += "; no knee: " + Escaped(TextIn(knee, "refused"));
  }
  return out + ".";
}

}  // namespace

std::string Overview(const RunFiles& run) {
  std::string html;
  if (run.attributions.size() == 1) {
    html = "<div class=\"answer lead\"><p>" + SentenceItem(run, run.attributions.front(), false) +
           "</p></div>";
  } else if (!run.attributions.empty()) {
    const std::string path = CommonPath(run);
    html = Lead(run, path) + AttributedMatrix(run, path);
    std::vector<std::string> sentences;
    for (const AttributionFile& file : run.attributions)
      sentences.push_back(SentenceItem(run, file, true));
    html += "<h3>The slowest request of each, in one sentence</h3><div class=\"answer\">" +
            Bullets(sentences) + "</div>";
  }
  if (run.attributions.empty()) html = StudyMatrix(run);
  std::vector<std::string> loads;
  for (const NamedJson& load : run.loads) {
    if (const std::string sentence = LoadSentence(load.body); !sentence.empty())
      loads.push_back(sentence);
  }
  if (!loads.empty())
    html += "<h3>Under load</h3><div class=\"answer\">" + Bullets(loads) + "</div>";
  return html;
}

}  // namespace iiifbench
