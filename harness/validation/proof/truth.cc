#include "harness/validation/proof/truth.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include "harness/stats/quantile.h"
#include "kernels/codecs/opened.h"

namespace iiifbench {
namespace {

constexpr Stage kSplit[] = {Stage::kRead, Stage::kDecode, Stage::kResize, Stage::kConvert,
                            Stage::kEncode};

double Of(const Stages& stages, Stage stage) {
  const auto found = stages.find(stage);
  return found == stages.end() ? 0 : found->second;
}

// Network, waiting and the program's own time are one for a client alone.
Stage Folded(Stage stage) {
  return stage == Stage::kNetwork || stage == Stage::kWait ? Stage::kOverhead : stage;
}

// As which stage a server's truth holds a stage: one that reads while it decodes cannot say how
// long it read.
Stage TrueStage(Stage stage, const Stages& truth) {
  return stage == Stage::kRead && !truth.contains(Stage::kRead) ? Stage::kDecode : Folded(stage);
}

Stages TrueStages(const Stages& truth, double latency_ms) {
  Stages out;
  double split = 0;
  for (Stage stage : kSplit) split += out[stage] = Of(truth, stage);
  out[Stage::kOverhead] = latency_ms - split;
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

Result<std::map<std::string, PartMap<double>>> ReadTruth(const std::string& file) {
  std::ifstream in(file);
  if (!in) return Fail(ErrorKind::kIo, "{}: the server left no truth", file);
  std::map<std::string, PartMap<std::vector<double>>> samples;
  for (std::string line; std::getline(in, line);) {
    const auto entry = nlohmann::json::parse(line, nullptr, false);
    if (!entry.is_object() || !entry.contains("path"))
      continue;  // the last line of a killed server
    const auto path = entry["path"].get<std::string>();
    auto& stages = samples[path.substr(path.find('/') + 1)];
    for (const auto& [name, value] : entry.items()) {
      if (!value.is_number()) continue;
      if (const auto stage = StageNamed(name)) stages[*stage].push_back(value.get<double>());
      if (name == PartName(OtherPart::kTotal))
        stages[OtherPart::kTotal].push_back(value.get<double>());
    }
  }
  std::map<std::string, PartMap<double>> out;
  for (const auto& [path, parts] : samples) {
    for (const auto& [part, values] : parts) out[path][part] = Median(values);
  }
  return out;
}

Coverage CoverageOf(const RequestAttribution& request, const Stages& truth) {
  std::set<Stage> merged;
  for (const auto& group : request.merged) {
    for (Stage stage : group) merged.insert(TrueStage(stage, truth));
  }
  StageMap<StageEstimate> intervals;
  for (const auto& [stage, estimate] : request.stages) {
    StageEstimate& sum = intervals[TrueStage(stage, truth)];
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

StageError Compare(const Stages& estimated, const std::vector<std::vector<Stage>>& merged,
                   const Stages& truth, double latency_ms) {
  std::vector<std::set<Stage, ByStageName>> groups;
  for (Stage stage : kSplit) groups.push_back({stage});
  groups.push_back({Stage::kOverhead});
  for (const auto& together : merged) {
    std::set<Stage, ByStageName> one;
    for (Stage stage : together) one.insert(Folded(stage));
    std::erase_if(groups, [&](const auto& group) {
      const bool touches = std::ranges::any_of(group, [&](Stage s) { return one.contains(s); });
      if (touches) one.insert(group.begin(), group.end());
      return touches;
    });
    groups.push_back(one);
  }
  Stages left, right = TrueStages(truth, latency_ms);
  for (const auto& [stage, ms] : estimated) left[TrueStage(stage, truth)] += ms;
  StageError worst;
  for (const auto& group : groups) {
    double ms = 0, inside = 0;
    std::string name;
    for (Stage stage : group) {
      ms += Of(left, stage) - right[stage];
      inside += right[stage];
      name += (name.empty() ? "" : "+") + std::string(StageName(stage));
    }
    if (group.size() > 1) worst.merged_ms += inside;
    const double points = 100 * ms / latency_ms;
    if (std::abs(points) < worst.points && !worst.stages.empty()) continue;
    worst.stages = name, worst.points = std::abs(points), worst.signed_points = points;
  }
  return worst;
}

nlohmann::json Score(const Attribution& attribution,
                     const std::map<std::string, PartMap<double>>& truth,
                     const TrueStrategy& strategy) {
  nlohmann::json out = {
      {"requests", nlohmann::json::array()},
      {"decode", Judge(attribution.strategy, "decode", strategy.decode)},
      {"resize", Judge(attribution.strategy, "resize", strategy.resize)},
      {"no-op resize", Judge(attribution.strategy, "no-op resize", strategy.noop_resize)},
      {"fit_error", attribution.fit_error}};
  PutFindings(attribution.refusals, "refusals", "refusal_ids", out);
  PutFindings(attribution.findings, "findings", "finding_ids", out);
  for (const auto& verdict : attribution.strategy) {
    out["verdicts"][verdict.stage] = {
        {"name", verdict.name},           {"aliases", verdict.aliases},
        {"error", verdict.error},         {"by_pixels", verdict.by_pixels},
        {"runner_up", verdict.runner_up}, {"runner_up_error", verdict.runner_up_error}};
  }
  for (const auto& [stage, times] : attribution.multiples)
    out["multiples"][std::string(StageName(stage))] = times.ms;
  for (const auto& request : attribution.requests) {
    const auto found = truth.find(request.path);
    if (found == truth.end()) continue;
    Stages stages;
    nlohmann::json intervals = nlohmann::json::object();
    for (const auto& [stage, estimate] : request.stages) {
      stages[stage] = estimate.ms;
      intervals[std::string(StageName(stage))] = {estimate.low, estimate.high};
    }
    const Stages true_stages = StagesIn(found->second);
    const Coverage coverage = CoverageOf(request, true_stages);
    const StageError error = Compare(stages, request.merged, true_stages, request.measured_ms);
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
                          {"merged", MergedNames(request.merged)},
                          {"merged_ms", error.merged_ms},
                          {"estimated", Named(stages)},
                          {"true", NamedParts(found->second)}};
    for (const auto& claim : coverage.each)
      row["claimed"].push_back({{"stage", StageName(claim.stage)},
                                {"held", claim.held},
                                {"half_width", claim.half_width}});
    for (const char* method : {"geometric", "naive"}) {
      const auto simple = request.methods.find(method);
      // The simpler models get the same merging: what is compared is the same.
      if (simple != request.methods.end())
        row[method] =
            Compare(StagesIn(simple->second), request.merged, true_stages, request.measured_ms)
                .points;
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
