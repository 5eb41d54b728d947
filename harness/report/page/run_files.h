// run_files: what a run folder holds, read and checked once, so that the page can draw without
// doubting it.
//
// Files: study.json (study_report.h); attribution-<server>-<recipe>.json (attribution_report.h, one
// or {attributions[]}); load*.json ({points[{clients or rate_per_second, latency_ms, low_ms,
// high_ms, service_ms}], knee{clients or rate_per_second}}); attributions.jsonl
// (attribution_shards.h); shards.json, run.json and profile.json
// (load_shards.h, study_shards.h, archive/profile.h); *.folded (a stack and its samples per line:
// "a;b;c 12"); peers*.json (benchmarks/peers/table.h); every other .json with "benchmarks" is
// Google Benchmark's. All are optional, but one of the first three or profile.json must be there.
// Errors: kNotFound when there is nothing to draw, kBadInput with the file's name and what is wrong
// in it. Of a list of attributions kDrawnAttributions are drawn, of a study kDrawnCells, so that
// the page stays small. Memory: all of it.
//
// The accessors answer for any JSON: an absent member, or one of another type, is as if it were not
// there.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "kernels/image/result.h"

namespace iiifbench {

constexpr size_t kDrawnAttributions = 20, kDrawnCells = 400;

struct AttributionFile {
  std::string file, server, recipe;
  nlohmann::json body;
};
struct NamedJson {
  std::string file;
  nlohmann::json body;
};
struct FoldedStacks {
  std::string file;
  std::map<std::string, double> samples;  // "a;b;c" -> count
};

struct RunFiles {
  std::string folder;
  nlohmann::json study;  // null when there is none
  std::vector<AttributionFile> attributions;
  nlohmann::json far_cells = nlohmann::json::array();  // cells of the study over a link with delay
  // Of a merged run, of an archive, and where and by what either was made; null when there is none.
  nlohmann::json shards, profile, about;
  size_t more_attributions = 0, more_cells = 0;  // that are not drawn
  std::vector<NamedJson> kernels, loads, peers;
  std::vector<FoldedStacks> stacks;
};

Result<RunFiles> ReadRunFiles(const std::string& folder);

// What says when, where and by which build: the study, else an attribution, else a load run.
const nlohmann::json& FirstOf(const RunFiles& run);

std::optional<double> NumberIn(const nlohmann::json& object, const std::string& name);
std::string TextIn(const nlohmann::json& object, const std::string& name);  // empty: none
const nlohmann::json& ListIn(const nlohmann::json& object, const std::string& name);
const nlohmann::json& ObjectIn(const nlohmann::json& object, const std::string& name);
std::vector<std::string> TextsIn(const nlohmann::json& object, const std::string& name);

}  // namespace iiifbench
