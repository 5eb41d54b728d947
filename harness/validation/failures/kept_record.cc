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
  kept.whole = !std::filesystem::exists(path.substr(0, path.size() - 5) + ".samples.jsonl");
  for (const json& point : load["points"]) {
    const auto hdr = HdrHistogram::Decode(point.value("hdr", ""));
    const auto answers = point.value("answers", int64_t{-1});
    if (hdr && hdr->count() == answers) {
      ++kept.points;
      if (kept.whole) kept.answers += static_cast<int>(answers);
    } else {
      kept.unreadable.push_back(name + ": a histogram does not hold its answers");
    }
  }
}

// Lines of samples: objects named so, or arrays up to the last line that tells their time.
void ReadSampleLines(const std::string& path, const std::string& name, KeptRecord& kept) {
  std::ifstream in(path);
  int number = 0, untold = 0, samples = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    const json line = json::parse(text, nullptr, false);
    if (line.is_discarded() && in.peek() == EOF) break;  // cut while it was written
    if (line.is_discarded()) kept.unreadable.push_back(fmt::format("{}: line {}", name, number));
    if (line.is_array()) ++untold;
    if (!line.is_object()) continue;
    if (line.contains("until")) samples += untold;
    if (line.contains("until") || line.contains("point")) untold = 0;
    samples += line.contains("sample") || line.contains("answer") ? 1 : 0;
  }
  kept.samples += samples;
  kept.answers += samples;
}

// Of an attribution: what its requests and probes were answered with.
void ReadResult(const std::string& path, const std::string& name, KeptRecord& kept) {
  const json result = Parse(path);
  if (!result.is_object()) {
    kept.unreadable.push_back(name + " is no JSON");
  } else if (name == "study.json") {
    kept.whole = result.value("not_reportable", json::array()).dump().find("stopped before") ==
                 std::string::npos;
  } else {
    kept.whole = !std::filesystem::exists(path.substr(0, path.size() - 5) + ".answers.jsonl");
    if (!kept.whole) return;
    for (const json& probe : result.value("probes", json::array()))
      kept.answers += static_cast<int>(probe.value("samples_ms", json::array()).size());
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
    if (name.ends_with(".jsonl")) ReadSampleLines(entry.path(), name, kept);
    if (name == "study.json" || (name.starts_with("attribution-") && name.ends_with(".json")))
      ReadResult(entry.path(), name, kept);
  }
  std::ranges::sort(kept.files);
  return kept;
}

}  // namespace iiifbench
