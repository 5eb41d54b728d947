// iiifbench study: servers x recipes x request classes beside the floor.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>

#include "harness/cli/commands.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/report/machine.h"
#include "harness/report/run_folder.h"
#include "harness/report/study/founding_verdicts.h"
#include "harness/report/study/render_study.h"
#include "harness/report/study/study_attribution.h"
#include "harness/report/study/study_report.h"
#include "harness/report/terminal/study_answer.h"
#include "harness/study/standing.h"

namespace iiifbench {
namespace {

struct StudyFlags {
  StudyOptions study;
  std::string out, resume, preset, render, ca_file;
  bool quiet = false, verbose = false, attribute = false;
  double budget = 20;  // seconds per server and recipe
  double link_mbit = 0, minutes = 0;
  double timeout = 60;  // seconds per request
};

constexpr int kUsualTargets = 20;  // five servers, four recipes

void ApplyPreset(StudyFlags& options) {
  if (options.preset != "founding") return;
  options.study.founding = true;
  if (options.study.links_ms.empty()) options.study.links_ms = {46};
}

// What was asked for, so that it can be asked again; without --out and --resume.
std::string Words(const StudyFlags& options) {
  const StudyOptions& study = options.study;
  std::string words = "iiifbench study";
  if (!options.preset.empty()) words += " --preset " + options.preset;
  words += fmt::format(" --rounds {} --seed {}", study.rounds, study.seed);
  auto listed = [&](const char* option, const auto& names) {
    if (!names.empty()) words += fmt::format(" {} {}", option, fmt::join(names, ","));
  };
  listed("--servers", study.servers);
  listed("--recipes", study.corpus.recipes);
  listed("--pages", study.corpus.pages);
  listed("--link", study.links_ms);
  if (options.link_mbit > 0) words += fmt::format(" --link-mbit {:g}", options.link_mbit);
  if (!study.corpus.images.empty()) words += " --images " + study.corpus.images;
  if (study.corpus.small) words += " --small";
  if (!options.ca_file.empty()) words += " --ca-file " + options.ca_file;
  if (options.timeout != StudyFlags{}.timeout)
    words += fmt::format(" --timeout {:g}", options.timeout);
  if (!study.engine.empty()) words += " --engine " + study.engine;
  if (options.attribute) words += fmt::format(" --attribute --attribute-budget {}", options.budget);
  return words;
}

Result<void> SaveAll(nlohmann::json& json, const StudyFlags& options, const std::string& folder) {
  if (options.study.founding) PutFoundingVerdicts(json, AttributionsIn(folder));
  return SaveStudy(json, folder);
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
  command
      ->add_option("--servers", options->study.servers,
                   "Names of servers (default: all that compute; static only when named), each "
                   "with settings of its "
                   "own: reference:workers=2; the same one twice: reference,reference#2")
      ->delimiter(',');
  command->add_option("--rounds", options->study.rounds, "Rounds after the warm-up")
      ->check(CLI::Range(1, 1000));
  command
      ->add_option("--recipes", options->study.corpus.recipes,
                   "Names of recipes, or all (default: the founding four)")
      ->delimiter(',');
  command->add_option("--pages", options->study.corpus.pages, "Names of pages (default: map)")
      ->delimiter(',');
  command->add_option("--images", options->study.corpus.images, "A folder of your own pages");
  command->add_flag("--small", options->study.corpus.small,
                    "Small pages: for trying, not for results");
  command->add_option("--seed", options->study.seed, "Order of requests");
  command->add_option("--out", options->out,
                      "Folder for results (default results/<machine>/<time>-<commit>)");
  command
      ->add_option("--preset", options->preset,
                   "founding: the operations of the founding study, over loopback and a link of 46 "
                   "ms, with a verdict "
                   "on each of its findings")
      ->check(CLI::IsMember({"founding"}));
  command
      ->add_option("--link", options->study.links_ms,
                   "Also over links with these round trips, milliseconds")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 10000.0));
  command
      ->add_option("--minutes", options->minutes,
                   "Time for all servers, links and --attribute together: after the first, rounds "
                   "that would end "
                   "later are left out")
      ->check(CLI::Range(0.05, 10000.0));
  command->add_option("--link-mbit", options->link_mbit,
                      "Rate of the links in Mbit/s (default: unlimited)");
  command->add_option("--timeout", options->timeout, "Seconds per request (default 60)")
      ->check(CLI::Range(0.05, 3600.0));
  command
      ->add_option("--ca-file", options->ca_file,
                   "Certificates to trust, for an IIIFBENCH_URL of https")
      ->check(CLI::ExistingFile);
  AddEngine(*command, options->study.engine);
  command->add_option("--render", options->render,
                      "Measure nothing: write study.md of this run folder anew, by today's rules");
  command->add_option("--resume", options->resume,
                      "Go on with the run in this folder; same options as then");
  command->add_flag("--attribute", options->attribute,
                    "Then split every server's latency into stages by probes, per recipe");
  command
      ->add_option("--attribute-budget", options->budget,
                   "Seconds per server and recipe (default 20)")
      ->check(CLI::Range(2.0, 3600.0));
  command->add_flag("--quiet", options->quiet, "No progress");
  command->add_flag("--verbose", options->verbose,
                    "Print all that was measured, as in study.md, and every line of progress");
  return [options] {
    if (!options->render.empty()) {
      auto rendered = RenderStudy(options->render);
      if (!rendered) {
        Complain("iiifbench study: {}\n", rendered.error().message);
        return 1;
      }
      Print("saved: {}/study.md\n", options->render);
      return 0;
    }
    if (!options->resume.empty() && !std::filesystem::exists(options->resume + "/samples.jsonl")) {
      Complain(
          "iiifbench study: {}/samples.jsonl: no samples of an earlier run there; give "
          "--resume the "
          "folder that "
          "the run named\n",
          options->resume);
      return 1;
    }
    auto folder = MakeRunFolder(options->resume.empty() ? options->out : options->resume);
    if (!folder) {
      Complain("iiifbench study: {}\n", folder.error().message);
      return 1;
    }
    const NoEmptyRunFolder at_end(*folder,
                                  options->resume.empty() ? options->out : options->resume);
    StudyOptions& study = options->study;
    ApplyPreset(*options);
    if (study.corpus.pages.empty() && study.corpus.images.empty()) study.corpus.pages = {"map"};
    if (!options->ca_file.empty()) ::setenv("IIIFBENCH_CA_FILE", options->ca_file.c_str(), 1);
    study.timeout = std::chrono::milliseconds(static_cast<int64_t>(options->timeout * 1e3));
    study.link_bytes_per_second = static_cast<int64_t>(options->link_mbit * 125000);
    // Attribution takes what its targets need, at most half, and later whatever the study has left
    // of it.
    const auto began = std::chrono::steady_clock::now();
    const double all = 60 * options->minutes;
    study.budget = std::chrono::duration<double>(
        options->attribute ? std::max(all / 2, all - kUsualTargets * options->budget) : all);
    study.command = Words(*options);
    study.samples_file = *folder + "/samples.jsonl";
    study.resume = !options->resume.empty();
    study.corpus.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    study.progress = ProgressUnless(options->quiet, options->verbose);
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
    for (const auto& reason : Disturbed(before, Disturbance::Now()))
      result->not_reportable.push_back(reason);
    auto json = StudyToJson(*result, study.command);
    auto saved = SaveAll(json, *options, *folder);
    Print("{}\n", options->verbose ? StudyToMarkdown(json) : StudyAnswer(json, StyleOfOutput()));
    if (!saved || !result->failure.empty()) {
      for (const std::string& why :
           {result->failure, saved ? std::string() : saved.error().message})
        if (!why.empty()) Complain("iiifbench study: {}\n", why);
      Complain("What was measured stands in {}/samples.jsonl; with room again: {} --resume {}\n",
               *folder, study.command, *folder);
      return 1;
    }
    Print("saved: {0}/study.json and study.md (the whole table)\nsee it: iiifbench page {0}\n",
          *folder);
    if (!result->complete) Print("go on with: {} --resume {}\n", study.command, *folder);
    if (options->attribute && result->complete) {
      double budget = options->budget;
      if (all > 0) {
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
        const auto targets = static_cast<double>(std::max<size_t>(1, TargetsOf(*result).size()));
        budget = std::clamp((all - spent.count()) / targets, 2.0, options->budget);
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
                          Print("{}\n", options->verbose ? line : Shortened(line, columns));
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
        saved = SaveAll(json, *options, *folder);
        if (saved && options->verbose) Print("{}\n", FoundingVerdictsToMarkdown(json["verdicts"]));
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
  };
}

}  // namespace iiifbench
