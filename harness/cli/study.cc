// iiifbench study: servers x recipes x request classes beside the floor.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>

#include "data/built_from.h"
#include "data/command_line.h"
#include "harness/cli/commands.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/cli/study_options.h"
#include "harness/http/address.h"
#include "harness/merge/study_shards.h"
#include "harness/report/machine.h"
#include "harness/report/run_folder.h"
#include "harness/report/study/founding_verdicts.h"
#include "harness/report/study/render_study.h"
#include "harness/report/study/study_attribution.h"
#include "harness/report/study/study_report.h"
#include "harness/report/terminal/study_answer.h"
#include "harness/servers/launch/launch.h"
#include "harness/study/standing.h"

namespace iiifbench {
namespace {

// A shard of a plan.
struct PlannedStudy {
  std::string file;
  RunPlan plan;
  Shard shard;
};

constexpr int kUsualTargets = 20;  // five servers, four recipes

Result<void> SaveAll(nlohmann::json& json, const StudyFlags& options, const std::string& folder) {
  if (options.study.founding) PutFoundingVerdicts(json, AttributionsIn(folder));
  return SaveStudy(json, folder);
}

int MeasureStudy(StudyFlags& options, const PlannedStudy* planned) {
  if (!options.render.empty()) {
    auto rendered = RenderStudy(options.render);
    if (!rendered) {
      Complain("iiifbench study: {}\n", rendered.error().message);
      return 1;
    }
    Print("saved: {}/study.md\n", options.render);
    return 0;
  }
  if (!options.resume.empty() && !std::filesystem::exists(options.resume + "/samples.jsonl")) {
    Complain(
        "iiifbench study: {}/samples.jsonl: no samples of an earlier run there; give "
        "--resume the "
        "folder that "
        "the run named\n",
        options.resume);
    return 1;
  }
  auto folder = MakeRunFolder(options.resume.empty() ? options.out : options.resume);
  if (!folder) {
    Complain("iiifbench study: {}\n", folder.error().message);
    return 1;
  }
  const NoEmptyRunFolder at_end(*folder, options.resume.empty() ? options.out : options.resume);
  StudyOptions& study = options.study;
  SettleStudy(options);
  // Attribution takes what its targets need, at most half, and later whatever the study has left
  // of it.
  const auto began = std::chrono::steady_clock::now();
  const double all = 60 * options.minutes;
  study.budget = std::chrono::duration<double>(
      options.attribute ? std::max(all / 2, all - kUsualTargets * options.budget) : all);
  study.command = StudyCommand(options);
  std::string again = study.command;
  if (planned != nullptr) {
    study.part = {.index = planned->shard.index, .count = planned->shard.count};
    study.command +=
        fmt::format(" (shard {} of plan {})", planned->shard.Name(), planned->plan.hash);
    again =
        fmt::format("iiifbench study --plan {} --shard {}", planned->file, planned->shard.Name());
  }
  study.samples_file = *folder + "/samples.jsonl";
  study.resume = !options.resume.empty();
  study.progress = ProgressUnless(options.quiet, options.verbose);
  study.corpus.progress = study.progress;
  study.run_folder =
      std::filesystem::temp_directory_path() / fmt::format("iiifbench-{}", ::getpid());
  study.stop = &interrupted;
  StopWhenInterrupted();
  const Disturbance before = Disturbance::Now();
  auto result = RunStudy(study);
  std::error_code ignored;
  std::filesystem::remove_all(study.run_folder, ignored);
  if (!result) {
    Complain("iiifbench study: {}\n", result.error().message);
    return 1;
  }
  const auto disturbed = Disturbed(before, Disturbance::Now());
  for (const auto& reason : disturbed) result->not_reportable.push_back(reason);
  auto json = StudyToJson(*result, study.command);
  auto saved = SaveAll(json, options, *folder);
  Print("{}\n", options.verbose ? StudyToMarkdown(json) : StudyAnswer(json, StyleOfOutput()));
  if (!saved || !result->failure.empty()) {
    for (const std::string& why : {result->failure, saved ? std::string() : saved.error().message})
      if (!why.empty()) Complain("iiifbench study: {}\n", why);
    Complain("What was measured stands in {}/samples.jsonl; with room again: {} --resume {}\n",
             *folder, again, *folder);
    return 1;
  }
  Print("saved: {0}/study.json and study.md (the whole table)\nsee it: iiifbench page {0}\n",
        *folder);
  if (!result->complete) Print("go on with: {} --resume {}\n", again, *folder);
  if (planned != nullptr && result->complete) {
    auto finished = FinishStudyShard(*folder, planned->plan,
                                     {.folder = *folder,
                                      .plan_hash = planned->plan.hash,
                                      .version = std::string(BuiltFrom()),
                                      .shard = planned->shard,
                                      .host = HostName(),
                                      .command = study.command,
                                      .time = json["time"],
                                      .machine = json["machine"],
                                      .study = *result,
                                      .not_reportable = disturbed});
    if (!finished) {
      Complain("iiifbench study: {}\n", finished.error().message);
      return 1;
    }
    Print("shard {} ({}): saved: {}\n", planned->shard.Name(), planned->shard.from, *folder);
  }
  if (options.attribute && result->complete) {
    double budget = options.budget;
    if (all > 0) {
      const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
      const auto targets = static_cast<double>(std::max<size_t>(1, TargetsOf(*result).size()));
      budget = std::clamp((all - spent.count()) / targets, 2.0, options.budget);
    }
    auto attributed = AttributeStudy(
        *result, {.corpus = study.corpus,
                  .folder = *folder,
                  .command = study.command,
                  .budget = std::chrono::duration<double>(budget),
                  .seed = study.seed,
                  .jpeg_quality = study.jpeg_quality,
                  .engine = study.engine,
                  .say =
                      [&](const std::string& line) {
                        const size_t columns = StyleOfOutput().columns;
                        Print("{}\n", options.verbose ? line : Shortened(line, columns));
                      },
                  .progress = study.progress,
                  .stop = &interrupted,
                  .resume = study.resume});
    if (!attributed) {
      Complain("iiifbench study: {}\n", attributed.error().message);
      return 1;
    }
    // Now with the stage that decides each contest.
    if (study.founding) {
      saved = SaveAll(json, options, *folder);
      if (saved && options.verbose) Print("{}\n", FoundingVerdictsToMarkdown(json["verdicts"]));
    }
  }
  if (!result->complete || interrupted) return 130;
  if (const std::string why = NothingMeasured(*result); !why.empty()) {
    Complain("iiifbench study: nothing was measured: {}\n", why);
    return 1;
  }
  for (const std::string& died : result->died)
    Complain(
        "iiifbench study: {}\nWhat was measured before is kept: start it again with "
        "--resume {}\n",
        died, *folder);
  if (!result->died.empty()) return 1;
  return std::ranges::any_of(
             result->cells,
             [](const StudyCell& cell) { return !cell.failures.empty() || cell.wrong > 0; })
             ? 3
             : 0;
}

// What the words of a plan come to here.
Result<nlohmann::json> FixedOf(const StudyFlags& options) {
  const StudyOptions& study = options.study;
  auto corpus = EnsureCorpus(study.corpus);
  if (!corpus) return corpus.error();
  nlohmann::json sources = nlohmann::json::array(), servers = study.servers;
  for (const CorpusEntry& entry : corpus->entries)
    sources.push_back({{"file", entry.file}, {"checksum", entry.checksum}});
  for (const auto& name : study.servers) {
    auto choice = ParseChoice(name);
    if (!choice) return choice.error();
  }
  if (study.servers.empty()) {
    for (const Server* server : Servers())
      if (!server->precomputed) servers.push_back(server->name);
  }
  const char* target = std::getenv("IIIFBENCH_URL");
  return nlohmann::json{{"rounds", study.rounds},
                        {"seed", study.seed},
                        {"servers", servers},
                        {"sources", sources},
                        {"target", target == nullptr ? "" : WithoutSecrets(target)},
                        {"blocks", BlocksToJson(BlocksOf(study, *corpus))}};
}

Result<void> WriteStudyPlan(StudyFlags& options) {
  for (const auto& [name, given] : {std::pair{"--attribute", options.attribute},
                                    {"--minutes", options.minutes > 0},
                                    {"--resume", !options.resume.empty()},
                                    {"--render", !options.render.empty()}}) {
    if (given)
      return Fail(ErrorKind::kBadRequest, "{}: cannot be planned, since shards would differ by it",
                  name);
  }
  auto writable = CheckWritable(options.planned.write);
  if (!writable) return writable;
  SettleStudy(options);
  options.study.corpus.progress = ProgressUnless(options.quiet, options.verbose);
  const auto fixed = FixedOf(options);
  if (!fixed) return fixed.error();
  const RunPlan plan = MakeRunPlan(kStudyPlan, StudyWords(options), *fixed);
  auto written = WriteFile(options.planned.write, JsonText(RunPlanToJson(plan)));
  if (!written) return written;
  const size_t blocks = (*fixed)["blocks"].size();
  Print("{}: plan {}, {} units: {} requests in {} rounds, each of {} servers\n",
        options.planned.write, plan.hash, blocks * static_cast<size_t>(options.study.rounds),
        blocks, options.study.rounds, (*fixed)["servers"].size());
  return {};
}

Result<int> RunStudyShard(const StudyFlags& given, const CLI::App& command) {
  auto beside = RefuseBesidePlan(command, {"--resume"});
  if (!beside) return beside.error();
  const auto shard = TakeShard(given.planned.shard);
  if (!shard) return shard.error();
  const auto plan = ReadRunPlan(given.planned.plan, kStudyPlan);
  if (!plan) return plan.error();
  StudyFlags options;
  auto parsed = ParseWords(plan->arguments, [&](CLI::App& app) { AddStudyOptions(app, options); });
  if (!parsed) return parsed.error();
  options.quiet = given.quiet;
  options.verbose = given.verbose;
  SettleStudy(options);
  options.study.corpus.progress = ProgressUnless(options.quiet, options.verbose);
  const auto here = FixedOf(options);
  if (!here) return here.error();
  auto same = CheckSame(*plan, *here);
  if (!same) return same.error();
  options.resume = given.resume;
  if (options.resume.empty()) {
    const auto folder = ShardFolder(given.out, given.planned.shard, *shard);
    if (!folder) return folder.error();
    options.out = *folder;
  }
  const PlannedStudy planned{given.planned.plan, *plan, *shard};
  return MeasureStudy(options, &planned);
}

int RunStudyCommand(StudyFlags& options, const CLI::App& command) {
  const auto fail = [](const Error& error) {
    Complain("iiifbench study: {}\n", error.message);
    return error.kind == ErrorKind::kBadRequest ? 2 : 1;
  };
  if (!options.planned.write.empty()) {
    auto written = WriteStudyPlan(options);
    return written ? 0 : fail(written.error());
  }
  if (options.planned.plan.empty()) return MeasureStudy(options, nullptr);
  const auto status = RunStudyShard(options, command);
  return status ? *status : fail(status.error());
}

}  // namespace

std::function<int()> AddStudy(CLI::App& app, CLI::App*& command) {
  auto options = std::make_shared<StudyFlags>();
  command = app.add_subcommand(
      "study", "Servers x formats x request classes: latency, floor, ratio, stages");
  command->footer(
      "Exit status: 0 measured, 3 requests failed or were wrong after a right warm-up, 130 "
      "interrupted, 1 "
      "failed: a server "
      "died,\nthe disk is full, nothing could be measured.");
  AddStudyOptions(*command, *options);
  return [options, command] { return RunStudyCommand(*options, *command); };
}

}  // namespace iiifbench
