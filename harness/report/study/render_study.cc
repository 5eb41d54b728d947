#include "harness/report/study/render_study.h"

#include <filesystem>
#include <fstream>

#include "data/corpus.h"
#include "harness/report/study/founding_verdicts.h"
#include "harness/report/study/study_report.h"

namespace iiifbench {

using nlohmann::json;

std::vector<json> AttributionsIn(const std::string& folder) {
  std::vector<json> attributions;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (!entry.path().filename().string().starts_with("attribution-")) continue;
    std::ifstream in(entry.path());
    auto body = json::parse(in, nullptr, false);
    if (body.is_object()) attributions.push_back(std::move(body));
  }
  return attributions;
}

Result<void> RenderStudy(const std::string& folder) {
  const std::string path = folder + "/study.json";
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Fail(ErrorKind::kNotFound,
                "{}: cannot be read; give the folder of a study (one that was cut off has "
                "samples.jsonl only: "
                "--resume makes its study.json)",
                path);
  }
  json study = json::parse(in, nullptr, false);
  if (!study.is_object() || study.value("schema", 0) != kStudySchema)
    return Fail(ErrorKind::kBadInput, "{}: no study of schema {}, or cut off", path, kStudySchema);
  std::string text;
  try {
    JudgeDriftAnew(study);
    if (study.contains("verdicts")) PutFoundingVerdicts(study, AttributionsIn(folder));
    study["rendered"] = true;
    text = StudyToMarkdown(study);
  } catch (const json::exception& error) {
    return Fail(ErrorKind::kBadInput, "{}: not as a study writes it: {}", path, error.what());
  }
  return WriteFile(folder + "/study.md", text);
}

}  // namespace iiifbench
