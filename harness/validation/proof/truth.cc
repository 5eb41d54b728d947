#include "harness/validation/proof/truth.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include "harness/stats/quantile.h"
#include "kernels/codecs/opened.h"

namespace iiifbench {
namespace {

const std::vector<std::string> kSplit = {"read", "decode", "resize", "convert", "encode"};

double Of(const Stages& stages, const std::string& name) {
  const auto found = stages.find(name);
  return found == stages.end() ? 0 : found->second;
}

// Network, waiting and the program's own time are one for a client alone.
std::string Folded(const std::string& stage) {
  return stage == "network" || stage == "wait" ? "overhead" : stage;
}

// Under which name a server's truth holds a stage: one that reads while it decodes cannot say how
// long it read.
std::string TrueName(const std::string& stage, const Stages& truth) {
  return stage == "read" && truth.count("read") == 0 ? "decode" : Folded(stage);
}

Stages TrueStages(const Stages& truth, double latency_ms) {
  Stages out;
  double split = 0;
  for (const auto& stage : kSplit) split += out[stage] = Of(truth, stage);
  out["overhead"] = latency_ms - split;
  return out;
}

const char* Judge(const std::vector<StrategyVerdict>& verdicts, const std::string& stage,
                  const std::string& truth) {
  for (const auto& verdict : verdicts) {
    if (verdict.stage != stage) continue;
    const bool same = verdict.name == truth || std::ranges::count(verdict.aliases, truth) > 0;
    return !verdict.identified ? "not identified" : same ? "right" : "wrong";
  }
  return "none";
}

}  // namespace

Result<std::map<std::string, Stages>> ReadTruth(const std::string& file) {
  std::ifstream in(file);
  if (!in) return Fail(ErrorKind::kIo, "{}: the server left no truth", file);
  std::map<std::string, std::map<std::string, std::vector<double>>> samples;
  for (std::string line; std::getline(in, line);) {
    const auto entry = nlohmann::json::parse(line, nullptr, false);
    if (!entry.is_object() || !entry.contains("path"))
      continue;  // the last line of a killed server
    const auto path = entry["path"].get<std::string>();
    auto& stages = samples[path.substr(path.find('/') + 1)];
    for (const auto& [name, value] : entry.items()) {
      if (value.is_number()) stages[name].push_back(value.get<double>());
    }
  }
  std::map<std::string, Stages> out;
  for (const auto& [path, stages] : samples) {
    for (const auto& [name, values] : stages) out[path][name] = Median(values);
  }
  return out;
}

Coverage CoverageOf(const RequestAttribution& request, const Stages& truth) {
  std::set<std::string> merged;
  for (const auto& group : request.merged) {
    for (const auto& stage : group) merged.insert(TrueName(stage, truth));
  }
  std::map<std::string, StageEstimate> intervals;
  for (const auto& [stage, estimate] : request.stages) {
    StageEstimate& sum = intervals[TrueName(stage, truth)];
    sum.ms += estimate.ms, sum.low += estimate.low, sum.high += estimate.high;
  }
  Coverage out;
  for (const auto& [stage, ms] : TrueStages(truth, request.measured_ms)) {
    const StageEstimate& said = intervals[stage];
    if (merged.count(stage) > 0 || (ms == 0 && said.high == 0)) continue;
    const bool held = said.low <= ms && ms <= said.high;
    ++out.claims;
    out.held += held;
    out.each.push_back({stage, held, 50 * (said.high - said.low) / request.measured_ms});
  }
  return out;
}

StageError Compare(const Stages& estimated, const std::vector<std::vector<std::string>>& merged,
                   const Stages& truth, double latency_ms) {
  std::vector<std::set<std::string>> groups;
  for (const auto& stage : kSplit) groups.push_back({stage});
  groups.push_back({"overhead"});
  for (const auto& together : merged) {
    std::set<std::string> one;
    for (const auto& stage : together) one.insert(Folded(stage));
    std::erase_if(groups, [&](const std::set<std::string>& group) {
      const bool touches =
          std::ranges::any_of(group, [&](const auto& s) { return one.count(s) > 0; });
      if (touches) one.insert(group.begin(), group.end());
      return touches;
    });
    groups.push_back(one);
  }
  Stages left, right = TrueStages(truth, latency_ms);
  for (const auto& [stage, ms] : estimated) left[TrueName(stage, truth)] += ms;
  StageError worst;
  for (const auto& group : groups) {
    double ms = 0, inside = 0;
    std::string name;
    for (const auto& stage : group) {
      ms += Of(left, stage) - right[stage];
      inside += right[stage];
      name += (name.empty() ? "" : "+") + stage;
    }
    if (group.size() > 1) worst.merged_ms += inside;
    const double points = 100 * ms / latency_ms;
    if (std::abs(points) < worst.points && !worst.stages.empty()) continue;
    worst.stages = name, worst.points = std::abs(points), worst.signed_points = points;
  }
  return worst;
}

nlohmann::json Score(const Attribution& attribution, const std::map<std::string, Stages>& truth,
                     const TrueStrategy& strategy) {
  nlohmann::json out = {
      {"requests", nlohmann::json::array()},
      {"decode", Judge(attribution.strategy, "decode", strategy.decode)},
      {"resize", Judge(attribution.strategy, "resize", strategy.resize)},
      {"no-op resize", Judge(attribution.strategy, "no-op resize", strategy.noop_resize)},
      {"refusals", attribution.refusals},
      {"findings", attribution.findings},
      {"fit_error", attribution.fit_error}};
  for (const auto& verdict : attribution.strategy) {
    out["verdicts"][verdict.stage] = {
        {"name", verdict.name},           {"aliases", verdict.aliases},
        {"error", verdict.error},         {"by_pixels", verdict.by_pixels},
        {"runner_up", verdict.runner_up}, {"runner_up_error", verdict.runner_up_error}};
  }
  for (const auto& [stage, times] : attribution.multiples) out["multiples"][stage] = times.ms;
  for (const auto& request : attribution.requests) {
    const auto found = truth.find(request.path);
    if (found == truth.end()) continue;
    Stages stages;
    nlohmann::json intervals = nlohmann::json::object();
    for (const auto& [stage, estimate] : request.stages) {
      stages[stage] = estimate.ms;
      intervals[stage] = {estimate.low, estimate.high};
    }
    const Coverage coverage = CoverageOf(request, found->second);
    const StageError error = Compare(stages, request.merged, found->second, request.measured_ms);
    nlohmann::json row = {{"path", request.path},
                          {"measured_ms", request.measured_ms},
                          {"predicted_ms", request.predicted_ms},
                          {"samples", request.samples},
                          {"intervals", intervals},
                          {"claims", coverage.claims},
                          {"covered", coverage.held},
                          {"claimed", nlohmann::json::array()},
                          {"worst", error.stages},
                          {"points", error.points},
                          {"signed_points", error.signed_points},
                          {"merged", request.merged},
                          {"merged_ms", error.merged_ms},
                          {"estimated", stages},
                          {"true", found->second}};
    for (const auto& claim : coverage.each)
      row["claimed"].push_back(
          {{"stage", claim.stage}, {"held", claim.held}, {"half_width", claim.half_width}});
    for (const char* method : {"geometric", "naive"}) {
      const auto simple = request.methods.find(method);
      // The simpler models get the same merging: what is compared is the same.
      if (simple != request.methods.end())
        row[method] =
            Compare(simple->second, request.merged, found->second, request.measured_ms).points;
    }
    out["requests"].push_back(row);
  }
  return out;
}

nlohmann::json ScoreStored(const StoredVerdict& verdict, const std::string& file) {
  auto opened = OpenImage(file);
  IIIFBENCH_CHECK(opened.ok(), "{}: {}", file, opened ? "" : opened.error().message);
  const ImageInfo& info = opened->info;
  const std::string codec(opened->codec->name);
  const std::string format = codec == "jpeg" ? "JPEG" : codec == "jp2" ? "JPEG 2000" : "TIFF";
  std::string coding = info.facts.lossless ? "lossless" : "lossy";
  if (info.facts.high_throughput) coding += ", high throughput";
  if (codec == "tiff") {
    coding = info.facts.compression;
    for (const char* alike : {"deflate", "lzw", "zstd"}) {
      if (coding == alike) coding = "deflate, LZW or zstd";
    }
    if (coding == "jpeg") coding = "JPEG";
  }
  const std::map<std::string, std::string> truth = {
      {"format", format},
      {"coding", format + ", " + coding},
      {"levels", info.levels.size() > 1 ? "smaller levels" : "none"},
      {"tile", info.tile.width > 0 && codec == "jp2" ? "tiles, their size not told"
               : info.tile.width > 0 ? fmt::format("{}x{}", info.tile.width, info.tile.height)
                                     : std::string("none")}};
  nlohmann::json out = {{"candidates", nlohmann::json::array()}};
  for (const StoredField& field : verdict.fields)
    out[field.what] = !field.identified                     ? "not identified"
                      : field.value == truth.at(field.what) ? "right"
                                                            : "wrong: " + field.value;
  for (const auto& candidate : verdict.candidates)
    out["candidates"].push_back(
        {candidate.name, candidate.error ? nlohmann::json(*candidate.error) : nlohmann::json(),
         candidate.rejected});
  return out;
}

}  // namespace iiifbench
