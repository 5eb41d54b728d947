#include "harness/report/study/founding_verdicts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "harness/findings/finding.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

using nlohmann::json;

struct Figure {
  std::string server, recipe, operation, link, path;
  double median = 0, low = 0, high = 0;
  bool drifts = false;             // confirmed (study/drift.h)
  std::map<int, double> by_round;  // empty for runs that measured one server after the other
};

std::string Operation(const std::string& request_class) {
  if (request_class == "full-size") return "full";
  if (request_class == "full-size-cropped") return "full less a column";
  return request_class == "full" ? "resize" : request_class;
}

// What can be ranked; answers that are other work, and cells that break a rule, are named in
// `left_out`.
std::vector<Figure> Figures(const json& study, std::set<std::string>& left_out) {
  std::vector<Figure> out;
  for (const json& cell : study.at("cells")) {
    if (!cell.contains("median_ms") || !cell.contains("median_low_ms")) continue;
    Figure f = {.server = cell.at("server"),
                .recipe = cell.at("recipe"),
                .operation = Operation(cell.at("class")),
                .link = cell.value("link", "loopback"),
                .path = cell.value("path", ""),
                .median = cell.at("median_ms"),
                .low = cell.at("median_low_ms"),
                .high = cell.at("median_high_ms"),
                .drifts = cell.value("drift_confirmed", false),
                .by_round = {}};
    const json raw = cell.value("raw", json::object());
    const json rounds = raw.value("round", json::array()),
               times = raw.value("total_ms", json::array());
    for (size_t i = 0; i < rounds.size() && i < times.size(); ++i) f.by_round[rounds[i]] = times[i];
    if (f.server == "reference" || f.server == "static" || f.operation == "info") continue;
    json traps = cell.value("traps", json::array());
    for (const json& fault : cell.value("faults", json::array())) traps.push_back(fault);
    if (traps.empty()) {
      out.push_back(std::move(f));
    } else {
      left_out.insert(fmt::format("{} {} {}: {}", f.server, f.recipe, f.operation,
                                  traps[0].get<std::string>()));
    }
  }
  return out;
}

const Figure* Fastest(const std::vector<const Figure*>& figures) {
  const auto least =
      std::ranges::min_element(figures, {}, [](const Figure* f) { return f->median; });
  return least == figures.end() ? nullptr : *least;
}

// An attribution names its server with the version.
std::string ServerOf(const json& attribution) {
  const auto server = attribution.find("server");
  if (server == attribution.end()) return {};
  return server->is_object()   ? server->value("name", "")
         : server->is_string() ? server->get<std::string>()
                               : "";
}

// What the server's attribution says of the figure's request; null: it has none.
const json* AttributedRequest(const Figure& f, const std::vector<json>& attributions) {
  for (const json& a : attributions) {
    if (ServerOf(a) != f.server || a.value("recipe", "") != f.recipe || !a.contains("requests"))
      continue;
    for (const json& request : a["requests"]) {
      if (request.value("path", "") == f.path && request.contains("stages")) return &request;
    }
  }
  return nullptr;
}

struct StageTime {
  double ms = 0, low = 0, high = 0;
};

// Stages of a request that was attributed on loopback; over a link the rest of the figure's median
// is the network's. The unexplained rest is one more.
std::map<std::string, StageTime> StagesOf(const Figure& f, const json& request) {
  std::map<std::string, StageTime> out;
  for (const auto& [name, stage] : request["stages"].items()) {
    const double ms = stage.value("ms", 0.0);
    out[name] = {ms, stage.value("low", ms), stage.value("high", ms)};
  }
  const double rest = request.value("unexplained_ms", 0.0);
  out["unexplained"] = {rest, rest, rest};
  if (f.link != "loopback" && request.contains("measured_ms")) {
    const double more = std::max(0.0, f.median - request["measured_ms"].get<double>());
    StageTime& network = out["network"];
    network = {network.ms + more, network.low + more, network.high + more};
  }
  return out;
}

// Groups of stages that at least one of the two could not tell apart, joined where they share one.
std::vector<std::set<std::string>> GroupsOf(const std::set<std::string>& names, const json& a,
                                            const json& b) {
  std::vector<std::set<std::string>> groups;
  for (const auto& name : names) groups.push_back({name});
  for (const json* request : {&a, &b}) {
    for (const json& merged : request->value("merged", json::array())) {
      std::set<std::string> joined;
      for (const json& name : merged) joined.insert(name.get<std::string>());
      for (size_t g = groups.size(); g > 0; --g) {
        const bool shares =
            std::ranges::any_of(groups[g - 1], [&](const auto& n) { return joined.contains(n); });
        if (!shares) continue;
        joined.insert(groups[g - 1].begin(), groups[g - 1].end());
        groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(g - 1));
      }
      groups.push_back(std::move(joined));
    }
  }
  return groups;
}

struct Decision {
  std::string stage;  // "decode", "decode+resize together"; empty: cannot be told
  std::string words;  // empty: nobody was attributed
};

// The stage, or the stages that cannot be told apart, in which the two differ most.
Decision DecidingStage(const Figure& a, const Figure& b, const std::vector<json>& attributions) {
  const json *request_a = AttributedRequest(a, attributions),
             *request_b = AttributedRequest(b, attributions);
  if (request_a == nullptr && request_b == nullptr) return {};
  if (request_a == nullptr || request_b == nullptr)
    return {"", fmt::format("stage cannot be told: {} {} was not attributed for this request",
                            request_a == nullptr ? a.server : b.server,
                            request_a == nullptr ? a.recipe : b.recipe)};
  const auto of_a = StagesOf(a, *request_a), of_b = StagesOf(b, *request_b);
  std::set<std::string> names;
  for (const auto* stages : {&of_a, &of_b})
    for (const auto& [name, ms] : *stages) names.insert(name);
  double most = 0;
  std::set<std::string> deciding;
  StageTime left, right;
  for (const auto& group : GroupsOf(names, *request_a, *request_b)) {
    StageTime one, two;
    for (const auto& name : group) {
      for (const auto& [stages, sum] : {std::pair{&of_a, &one}, std::pair{&of_b, &two}}) {
        const auto found = stages->find(name);
        if (found == stages->end()) continue;
        sum->ms += found->second.ms, sum->low += found->second.low, sum->high += found->second.high;
      }
    }
    if (std::abs(one.ms - two.ms) <= most) continue;
    most = std::abs(one.ms - two.ms), deciding = group, left = one, right = two;
  }
  if (deciding.empty()) return {"", "stage cannot be told: no stage differs"};
  const std::string name =
      fmt::format("{}{}", fmt::join(deciding, "+"), deciding.size() > 1 ? " together" : "");
  const std::string times = fmt::format("{} ({:.1f} against {:.1f} ms{})", name, left.ms, right.ms,
                                        deciding.size() > 1 ? " in sum" : "");
  if (name == "unexplained") return {"", "stage cannot be told: what differs most is " + times};
  if (left.high >= right.low && right.high >= left.low)
    return {"", "stage cannot be told: intervals overlap in " + times};
  return {name, times};
}

// Of rival / champion, round by round; empty when too few rounds have both.
std::optional<Interval> PairedRatio(const Figure& champion, const Figure& rival) {
  std::vector<double> ratios;
  for (const auto& [round, ms] : champion.by_round) {
    const auto other = rival.by_round.find(round);
    if (other != rival.by_round.end() && ms > 0) ratios.push_back(other->second / ms);
  }
  if (ratios.empty()) return std::nullopt;
  return QuantileInterval(ratios, 0.5);
}

json Contest(const Figure& champion, const Figure& rival, const std::vector<json>& attributions) {
  std::string outcome = champion.high < rival.low   ? "won"
                        : champion.low > rival.high ? "lost"
                                                    : "open";
  // Of one recipe the answers of a round were measured in one turn.
  const auto paired = champion.recipe == rival.recipe ? PairedRatio(champion, rival) : std::nullopt;
  if (paired) outcome = paired->low > 1 ? "won" : paired->high < 1 ? "lost" : "open";
  // Whatever it would be: a median of what changed meanwhile is nobody's time.
  if (champion.drifts || rival.drifts) outcome = "drifts";
  const Decision decided = DecidingStage(champion, rival, attributions);
  return {{"paired", paired ? json({paired->low, paired->high}) : json()},
          {"link", champion.link},
          {"operation", champion.operation},
          {"champion", champion.server + " " + champion.recipe},
          {"champion_ms", champion.median},
          {"rival", rival.server + " " + rival.recipe},
          {"rival_ms", rival.median},
          {"ratio", rival.median / champion.median},
          {"outcome", outcome},
          {"deciding", decided.stage},
          {"stage", decided.words}};
}

// Of contests in which it cannot be told.
constexpr const char* kNotTold = "cannot be told";

// "; decided by decode in 3, decode+resize together in 1; which stage decides cannot be told in 2",
// the most frequent first.
std::string WhatDecides(const std::map<std::string, int>& decided) {
  std::vector<std::pair<int, std::string>> ranked;
  for (const auto& [stage, n] : decided)
    if (stage != kNotTold) ranked.emplace_back(-n, stage);
  std::ranges::sort(ranked);
  std::string out;
  for (const auto& [n, stage] : ranked)
    out += fmt::format("{}{} in {}", out.empty() ? "; decided by " : ", ", stage, -n);
  if (out.find(" together ") != std::string::npos)
    out += " (together: by the sum of these stages, which the data do not tell apart)";
  if (const auto not_told = decided.find(kNotTold); not_told != decided.end())
    out += fmt::format("; which stage decides cannot be told in {}", not_told->second);
  return out;
}

std::string VerdictOf(size_t won, size_t lost, size_t n) {
  return n == 0                     ? "cannot tell here"
         : lost == 0 && 2 * won > n ? "holds"
         : 2 * lost > n             ? "does not hold"
                                    : "cannot tell here";
}

json Judge(const std::string& finding, const json& contests) {
  size_t won = 0, lost = 0, drift = 0;
  for (const json& c : contests) {
    won += c["outcome"] == "won";
    lost += c["outcome"] == "lost";
    drift += c["outcome"] == "drifts";
  }
  const size_t n = contests.size();
  const std::string verdict = VerdictOf(won, lost, n);
  const bool hangs =
      VerdictOf(won + drift, lost, n) != verdict || VerdictOf(won, lost + drift, n) != verdict;
  std::string why = n == 0 ? "no two contestants were measured"
                           : fmt::format("won {}, lost {}, open {} of {} contests", won, lost,
                                         n - won - lost - drift, n);
  if (drift > 0) why += fmt::format(", {} not counted because a row of them drifts", drift);
  std::map<std::string, int> decided;
  for (const json& c : contests) {
    if (c["outcome"] == "open" || c["outcome"] == "drifts" || c["stage"].get<std::string>().empty())
      continue;
    const std::string stage = c["deciding"];
    ++decided[stage.empty() ? kNotTold : stage];
  }
  return {{"finding", finding},      {"verdict", verdict},    {"why", why + WhatDecides(decided)},
          {"hangs_on_drift", hangs}, {"decided_by", decided}, {"contests", contests}};
}

// Contests of the figures that `champion` marks against the others, one for every group.
template <typename Key, typename IsChampion>
json Contests(const std::vector<Figure>& figures, Key key, IsChampion champion,
              const std::vector<json>& attributions) {
  std::map<std::string, std::pair<std::vector<const Figure*>, std::vector<const Figure*>>> groups;
  for (const Figure& f : figures) {
    const std::string group = key(f);
    if (group.empty()) continue;
    (champion(f) ? groups[group].first : groups[group].second).push_back(&f);
  }
  json out = json::array();
  for (const auto& [group, sides] : groups) {
    const Figure *mine = Fastest(sides.first), *other = Fastest(sides.second);
    if (mine != nullptr && other != nullptr) out.push_back(Contest(*mine, *other, attributions));
  }
  return out;
}

}  // namespace

json FoundingVerdicts(const json& study, const std::vector<json>& attributions) {
  std::set<std::string> left_out;
  const auto figures = Figures(study, left_out);
  // A server's other types against its own JPEG, so that one fast server does not decide for all.
  const auto of_server = [](const Figure& f) {
    return f.link + "/" + f.operation + "/" + f.server;
  };
  const auto jpeg = [](const Figure& f) { return f.recipe == "jpeg_q90"; };
  const auto overall = [](const Figure& f) { return f.link + "/" + f.operation; };
  const auto of_type = [](const Figure& f) { return f.link + "/" + f.operation + "/" + f.recipe; };
  json types = Contests(figures, overall, jpeg, attributions);
  for (const json& c : Contests(figures, of_server, jpeg, attributions)) types.push_back(c);
  const auto full = [&](const Figure& f) {
    return f.operation.starts_with("full") ? of_type(f) : std::string();
  };
  const auto parts = [&](const Figure& f) {
    return f.operation == "crop" || f.operation == "resize" || f.operation == "crop+resize"
               ? of_type(f)
               : std::string();
  };
  json verdicts = json::array(
      {Judge("JPEG q90 is the fastest file type (best server, and within each server)", types),
       Judge("Cantaloupe is the fastest server for full-size images",
             Contests(
                 figures, full, [](const Figure& f) { return f.server.starts_with("cantaloupe"); },
                 attributions)),
       Judge("Loris is the fastest server for crops and resizes",
             Contests(
                 figures, parts, [](const Figure& f) { return f.server == "loris"; },
                 attributions))});
  for (json& v : verdicts) v["left_out"] = left_out;
  return verdicts;
}

void PutFoundingVerdicts(json& study, const std::vector<json>& attributions) {
  study["verdicts"] = FoundingVerdicts(study, attributions);
  for (const json& v : study["verdicts"]) {
    if (!v["hangs_on_drift"].get<bool>()) continue;
    const std::string reason = fmt::format("the verdict on \"{}\" hangs on rows that drift",
                                           v["finding"].get<std::string>());
    auto reasons = FindingsIn(study, "not_reportable", "not_reportable_ids");
    if (std::ranges::find(reasons, reason, &Finding::text) == reasons.end())
      reasons.push_back({"verdict-hangs-on-drift", reason});
    PutFindings(reasons, "not_reportable", "not_reportable_ids", study);
    study["reportable"] = false;
  }
}

std::string FoundingVerdictsToMarkdown(const json& verdicts) {
  std::string text = "## The founding study's findings\n";
  for (const json& v : verdicts) {
    text += fmt::format("\n**{}: {}** ({}).\n", v["finding"].get<std::string>(),
                        v["verdict"].get<std::string>(), v["why"].get<std::string>());
    if (v["contests"].empty()) continue;
    text +=
        "\n| link | operation | champion | ms | best rival | ms | rival / champion | outcome | "
        "decided by |\n"
        "|---|---|---|--:|---|--:|--:|---|---|\n";
    for (const json& c : v["contests"]) {
      text += fmt::format("| {} | {} | {} | {:.1f} | {} | {:.1f} | {:.2f} | {} | {} |\n",
                          c["link"].get<std::string>(), c["operation"].get<std::string>(),
                          c["champion"].get<std::string>(), c["champion_ms"].get<double>(),
                          c["rival"].get<std::string>(), c["rival_ms"].get<double>(),
                          c["ratio"].get<double>(), c["outcome"].get<std::string>(),
                          c["stage"].get<std::string>());
    }
  }
  if (!verdicts.empty() && !verdicts[0]["left_out"].empty()) {
    text +=
        "\nLeft out of the ranking, because the answers are other work or the cell breaks a "
        "rule:\n\n";
    for (const json& line : verdicts[0]["left_out"])
      text += fmt::format("- {}\n", line.get<std::string>());
  }
  return text;
}

}  // namespace iiifbench
