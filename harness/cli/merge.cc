// iiifbench merge DIR...: the shards of a plan or of a profile, joined without loss.
#include <algorithm>
#include <filesystem>
#include <memory>

#include "harness/archive/profile.h"
#include "harness/cli/commands.h"
#include "harness/cli/output.h"
#include "harness/merge/attribution_shards.h"
#include "harness/merge/load_shards.h"
#include "harness/merge/study_shards.h"
#include "harness/report/study/study_report.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

struct MergeCommand {
  std::vector<std::string> folders;
  std::string out;
};

// A folder that holds shards and is none stands for them: --out of --shard auto.
std::vector<std::string> WithShardsBelow(const std::vector<std::string>& folders) {
  std::vector<std::string> out;
  for (const auto& folder : folders) {
    std::error_code error;
    std::vector<std::string> below;
    if (!fs::exists(folder + "/run.json", error)) {
      for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().filename().string().starts_with("shard-")) below.push_back(entry.path());
    }
    std::ranges::sort(below);
    if (below.empty()) below.push_back(folder);
    out.insert(out.end(), below.begin(), below.end());
  }
  return out;
}

int MergeFolders(const MergeCommand& command) {
  const auto fail = [](const Error& error) {
    Complain("iiifbench merge: {}\n", error.message);
    return 1;
  };
  const auto folders = WithShardsBelow(command.folders);
  if (HoldsProfile(folders.front())) {
    const auto summary = MergeProfiles(folders, command.out);
    if (!summary) return fail(summary.error());
    Print("{}saved: {}/profile.json\n", ProfileToText(*summary), command.out);
    return 0;
  }
  if (HoldsStudyShard(folders.front())) {
    const auto merged = MergeStudies(folders, command.out);
    if (!merged) return fail(merged.error());
    auto json = StudyToJson(merged->study, merged->command);
    // Where and by what it was measured, not where it was joined.
    json["time"] = merged->time, json["machine"] = merged->machine;
    json["commit"] = merged->version;
    auto saved = SaveStudy(json, command.out);
    if (!saved) return fail(saved.error());
    Print("{}\n{}saved: {}/study.json, study.md, shards.json, samples.jsonl\n",
          StudyToMarkdown(json), MergedStudyToText(*merged), command.out);
    return merged->study.not_reportable.empty() ? 0 : 3;
  }
  if (HoldsAttributionShard(folders.front())) {
    const auto merged = MergeAttributions(folders, command.out);
    if (!merged) return fail(merged.error());
    Print("{}saved: {}/attribution-images.json, attributions.jsonl, shards.json\n",
          MergedAttributionsToText(*merged), command.out);
    return merged->refused == 0 ? 0 : 3;
  }
  const auto merged = MergeLoads(folders, command.out);
  if (!merged) return fail(merged.error());
  Print("{}saved: {}/load.json, shards.json, samples.tsv\n", MergedToText(*merged), command.out);
  return merged->figures["not_reportable"].empty() && merged->shards["not_reportable"].empty() ? 0
                                                                                               : 3;
}

}  // namespace

std::function<int()> AddMerge(CLI::App& app, CLI::App*& command) {
  auto options = std::make_shared<MergeCommand>();
  command = app.add_subcommand("merge",
                               "Joins the shards of a planned load, study or attribution, or of a "
                               "profile, and names one that stands apart");
  command->footer(
      "Refused: another plan or version, a shard that is missing, there twice or cut; the message "
      "says which.\n"
      "Exit status: 0 merged, 3 merged but not reportable (the reasons are printed), 1 refused.");
  command
      ->add_option("DIR", options->folders, "Folders of shards, or one with folders shard-* in it")
      ->required();
  command->add_option("--out", options->out, "Folder for the whole")->required();
  return [options] { return MergeFolders(*options); };
}

}  // namespace iiifbench
