#include "harness/validation/failures/kept_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/stats/hdr_histogram.h"

namespace iiifbench {
namespace {

using nlohmann::json;

json Parse(const std::string& path) {
  std::ifstream in(path);
  return json::parse(in, nullptr, false);
}

void ReadLoad(const std::string& path, const std::string& name, KeptRecord& kept) {
  const json load = Parse(path);
  if (!load.is_object() || !load.contains("points")) {
    kept.unreadable.push_back(name + " has no points");
    return;
  }
  for (const json& point : load["points"]) {
    const auto hdr = HdrHistogram::Decode(point.value("hdr", ""));
    if (hdr && hdr->count() == point.value("answers", int64_t{-1})) {
      ++kept.points;
    } else {
      kept.unreadable.push_back(name + ": a histogram does not hold its answers");
    }
  }
}

void ReadSampleLines(const std::string& path, KeptRecord& kept) {
  std::ifstream in(path);
  int number = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    const json line = json::parse(text, nullptr, false);
    if (line.is_discarded() && in.peek() == EOF) return;  // cut while it was written
    if (line.is_discarded())
      kept.unreadable.push_back(fmt::format("samples.jsonl: line {}", number));
    kept.samples += line.is_object() && line.contains("sample") ? 1 : 0;
  }
}

}  // namespace

std::string KeptRecord::Words() const {
  if (files.empty()) return "nothing";
  std::string words = fmt::format("{}", fmt::join(files, ", "));
  if (points > 0) words += fmt::format(": {} points", points);
  if (samples > 0) words += fmt::format(": {} samples", samples);
  return words;
}

KeptRecord ReadKept(const std::string& folder) {
  KeptRecord kept;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    // Those of a file that could not be written whole.
    if (entry.is_directory() || name == "output" || name == "page.html") continue;
    kept.files.push_back(name);
    if (name.starts_with("load-") && name.ends_with(".json")) ReadLoad(entry.path(), name, kept);
    if (name == "samples.jsonl") ReadSampleLines(entry.path(), kept);
    if (name == "study.json") {
      kept.study_json = Parse(entry.path()).is_object();
      if (!kept.study_json) kept.unreadable.push_back("study.json is no JSON");
    }
  }
  std::ranges::sort(kept.files);
  return kept;
}

}  // namespace iiifbench
