#include "harness/validation/proof/proof_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "harness/findings/finding.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

std::vector<double> Numbers(const nlohmann::json& plan, const char* member) {
  std::vector<double> out;
  for (const auto& request : plan.value("requests", nlohmann::json::array()))
    if (request.contains(member)) out.push_back(request[member].get<double>());
  return out;
}

double At(const std::vector<double>& values, double p) {
  return values.empty() ? 0 : Quantile(values, p);
}

std::string Share(int part, int all) {
  return all > 0 ? fmt::format("{:.0f} %", 100.0 * part / all) : "-";
}

bool RefusedForCache(const nlohmann::json& plan) {
  // A row of a run that was broken off by an older program has no ids.
  return std::ranges::any_of(FindingsIn(plan, "refusals", "refusal_ids"), [](const Finding& f) {
    return f.id == "cache-answers" || (f.id.empty() && f.text.starts_with("a cache answers"));
  });
}

// Claims of requests that count: stage -> (held, half the interval's width in points).
struct Claims {
  int held = 0;
  std::vector<double> half_widths;
};
std::map<std::string, Claims> ClaimsOf(const nlohmann::json& plans) {
  std::map<std::string, Claims> out;
  for (const auto& plan : plans) {
    if (plan.contains("failed") || plan["cache"].get<bool>()) continue;
    for (const auto& request : plan["requests"]) {
      for (const auto& claim : request.value("claimed", nlohmann::json::array())) {
        Claims& stage = out[claim["stage"].get<std::string>()];
        stage.held += claim["held"].get<bool>();
        stage.half_widths.push_back(claim["half_width"].get<double>());
      }
    }
  }
  return out;
}

}  // namespace

ProofFigures Figures(const nlohmann::json& plans) {
  ProofFigures out;
  std::vector<double> points, geometric, naive, medians, predicted;
  double all_ms = 0, merged_ms = 0;
  for (const auto& plan : plans) {
    ++out.plans;
    if (plan.contains("failed")) {
      ++out.failed;
      continue;
    }
    out.seconds += plan["seconds"].get<double>();
    if (plan["cache"].get<bool>()) {
      RefusedForCache(plan) ? ++out.refused_rightly : ++out.failed;
      continue;
    }
    if (RefusedForCache(plan)) ++out.refused_wrongly;
    for (const char* stage : {"decode", "resize", "no-op resize"}) {
      if (!plan.contains(stage)) continue;  // an earlier record
      const auto verdict = plan[stage].get<std::string>();
      ++(verdict == "right" ? out.right : verdict == "wrong" ? out.wrong : out.not_identified);
    }
    const auto stored = plan.value("stored", nlohmann::json::object());
    for (const auto& [field, verdict] : stored.items())
      out.stored_wrong +=
          verdict.is_string() && verdict.get<std::string>().starts_with("wrong") ? 1 : 0;
    const auto here = Numbers(plan, "points");
    if (here.empty()) ++out.failed;  // no request was explained
    medians.push_back(At(here, 0.5));
    points.insert(points.end(), here.begin(), here.end());
    for (double value : Numbers(plan, "geometric")) geometric.push_back(value);
    for (double value : Numbers(plan, "naive")) naive.push_back(value);
    for (const auto& request : plan["requests"]) {
      if (request.contains("predicted_ms"))
        predicted.push_back(100 * std::abs(request["predicted_ms"].get<double>() /
                                               request["measured_ms"].get<double>() -
                                           1));
      out.claims += request.value("claims", 0), out.covered += request.value("covered", 0);
      all_ms += request["measured_ms"].get<double>();
      merged_ms += request["merged_ms"].get<double>();
      out.largest_merged_ms = std::max(out.largest_merged_ms, request["merged_ms"].get<double>());
    }
  }
  std::vector<double> half_widths;
  for (const auto& [stage, claims] : ClaimsOf(plans))
    half_widths.insert(half_widths.end(), claims.half_widths.begin(), claims.half_widths.end());
  out.half_width_median = At(half_widths, 0.5), out.half_width_p90 = At(half_widths, 0.9);
  out.requests = static_cast<int>(points.size());
  out.median = At(points, 0.5), out.p90 = At(points, 0.9), out.median_of_plans = At(medians, 0.5);
  out.predicted_median = At(predicted, 0.5), out.predicted_p90 = At(predicted, 0.9);
  out.geometric_median = At(geometric, 0.5), out.geometric_p90 = At(geometric, 0.9);
  out.naive_median = At(naive, 0.5), out.naive_p90 = At(naive, 0.9);
  out.merged_share = all_ms > 0 ? merged_ms / all_ms : 0;
  return out;
}

std::string ProofTable(const nlohmann::json& plans) {
  std::string out =
      "| plan | recipe | faults | ms | median | p90 | worst | merged | covered | decode | resize | "
      "no-op "
      "resize "
      "| geometric | naive | s |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& plan : plans) {
    out += fmt::format("| {} | {} | {} | ", plan["number"].get<int>(),
                       plan["recipe"].get<std::string>(), plan["plan"].get<std::string>());
    if (plan.contains("failed")) {
      out += fmt::format("failed: {} |\n", plan["failed"].get<std::string>());
      continue;
    }
    if (plan["cache"].get<bool>() || RefusedForCache(plan)) {
      out += fmt::format("{} |\n",
                         RefusedForCache(plan) ? "refused: a cache answers" : "cache not seen");
      continue;
    }
    const auto points = Numbers(plan, "points");
    std::string worst = "-";
    double largest = -1, merged = 0, all = 0;
    int claims = 0, covered = 0;
    for (const auto& request : plan["requests"]) {
      merged += request["merged_ms"].get<double>(), all += request["measured_ms"].get<double>();
      claims += request.value("claims", 0), covered += request.value("covered", 0);
      if (request["points"].get<double>() <= largest) continue;
      largest = request["points"].get<double>();
      worst = fmt::format("{} {:+.0f}", request["worst"].get<std::string>(),
                          request["signed_points"].get<double>());
    }
    out += fmt::format(
        "{:.1f} | {:.1f} | {:.1f} | {} | {:.0f} % | {} | {} | {} | {} | {:.1f} | {:.1f} | {:.0f} "
        "|\n",
        At(Numbers(plan, "measured_ms"), 0.5), At(points, 0.5), At(points, 0.9), worst,
        all > 0 ? 100 * merged / all : 0, Share(covered, claims), plan["decode"].get<std::string>(),
        plan["resize"].get<std::string>(), plan.value("no-op resize", "-"),
        At(Numbers(plan, "geometric"), 0.5), At(Numbers(plan, "naive"), 0.5),
        plan["seconds"].get<double>());
  }
  return out;
}

std::string ByRecipe(const nlohmann::json& plans) {
  std::map<std::string, nlohmann::json> groups;
  for (const auto& plan : plans) groups[plan["recipe"].get<std::string>()].push_back(plan);
  std::string out =
      "| recipe | plans | requests | median | p90 | right | not identified | wrong | merged | "
      "covered | "
      "geometric | naive |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& [recipe, group] : groups) {
    const ProofFigures f = Figures(group);
    out += fmt::format(
        "| {} | {} | {} | {:.1f} | {:.1f} | {} | {} | {} | {:.0f} % | {} | {:.1f} | {:.1f} |\n",
        recipe, f.plans, f.requests, f.median, f.p90, f.right, f.not_identified, f.wrong,
        100 * f.merged_share, Share(f.covered, f.claims), f.geometric_median, f.naive_median);
  }
  return out;
}

std::string ByStage(const nlohmann::json& plans) {
  std::string out =
      "| stage alone | intervals | hold the truth | half width, points: median | p90 |\n"
      "|---|---|---|---|---|\n";
  for (const auto& [stage, claims] : ClaimsOf(plans)) {
    const int all = static_cast<int>(claims.half_widths.size());
    out += fmt::format("| {} | {} | {} | {:.1f} | {:.1f} |\n", stage, all, Share(claims.held, all),
                       At(claims.half_widths, 0.5), At(claims.half_widths, 0.9));
  }
  return out;
}

std::string ByField(const nlohmann::json& plans) {
  std::string out =
      "| of the file | right | not identified | wrong |\n"
      "|---|---|---|---|\n";
  for (const char* field : {"format", "coding", "levels", "tile"}) {
    int right = 0, open = 0;
    std::vector<std::string> wrong;
    for (const auto& plan : plans) {
      if (!plan.contains("stored")) continue;
      const auto verdict = plan["stored"].value(field, std::string());
      right += verdict == "right", open += verdict == "not identified";
      if (verdict.starts_with("wrong"))
        wrong.push_back(fmt::format("plan {}: {}", plan["number"].get<int>(), verdict));
    }
    out += fmt::format("| {} | {} | {} | {} |\n", field, right, open,
                       wrong.empty() ? "0" : fmt::format("{}", fmt::join(wrong, "; ")));
  }
  return out;
}

std::string Describe(const ProofFigures& f) {
  return fmt::format(
      "{} plans, {} held-out requests, {:.0f} s of probing.\n"
      "Worst stage of a request, points of its latency: median {:.1f}, p90 {:.1f} (median of "
      "plans' medians "
      "{:.1f}).\n"
      "Latencies predicted by the fit alone, points: median {:.1f}, p90 {:.1f}.\n"
      "Geometric model: median {:.1f}, p90 {:.1f}. Naive fit: median {:.1f}, p90 {:.1f}.\n"
      "Strategies: {} right, {} not identified, {} wrong. Caches: {} refused rightly, {} refusals "
      "without "
      "one. "
      "Failed: {}.\n"
      "Merged: {:.0f} % of all time, at most {:.1f} ms in a request. Intervals of the others (95 "
      "%): {} of "
      "{} hold "
      "the truth ({}); half their width, points of the request: median {:.1f}, p90 {:.1f}.\n",
      f.plans, f.requests, f.seconds, f.median, f.p90, f.median_of_plans, f.predicted_median,
      f.predicted_p90, f.geometric_median, f.geometric_p90, f.naive_median, f.naive_p90, f.right,
      f.not_identified, f.wrong, f.refused_rightly, f.refused_wrongly, f.failed,
      100 * f.merged_share, f.largest_merged_ms, f.covered, f.claims, Share(f.covered, f.claims),
      f.half_width_median, f.half_width_p90);
}

}  // namespace iiifbench
