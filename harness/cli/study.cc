// iiifbench study: servers x recipes x request classes beside the floor.
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>

#include "harness/cli/commands.h"
#include "harness/report/machine.h"
#include "harness/report/run_folder.h"
#include "harness/report/study_attribution.h"
#include "harness/report/study_report.h"

namespace iiifbench {
namespace {

std::atomic<bool> interrupted{false};
void OnInterrupt(int) { interrupted = true; }

}  // namespace

std::function<int()> AddStudy(CLI::App& app, CLI::App*& command) {
  struct Options {
    StudyOptions study;
    std::string out;
    bool quiet = false, attribute = false;
    double budget = 20;  // seconds per server and recipe
  };
  auto options = std::make_shared<Options>();
  command = app.add_subcommand("study", "Servers x formats x request classes: latency, floor, ratio, stages");
  command->add_option("--servers", options->study.servers, "Names of servers (default: all)")->delimiter(',');
  command->add_option("--rounds", options->study.rounds, "Rounds after the warm-up")
      ->check(CLI::Range(1, 1000));
  command
      ->add_option("--recipes", options->study.corpus.recipes,
                   "Names of recipes, or all (default: the founding four)")
      ->delimiter(',');
  command->add_option("--pages", options->study.corpus.pages, "Names of pages (default: map)")
      ->delimiter(',');
  command->add_option("--images", options->study.corpus.images, "A folder of your own pages");
  command->add_flag("--small", options->study.corpus.small, "Small pages: for trying, not for results");
  command->add_option("--seed", options->study.seed, "Order of requests");
  command->add_option("--out", options->out,
                      "Folder for results (default results/<machine>/<time>-<commit>)");
  command->add_flag("--attribute", options->attribute,
                    "Then split every server's latency into stages by probes, per recipe");
  command->add_option("--attribute-budget", options->budget, "Seconds per server and recipe (default 20)")
      ->check(CLI::Range(2.0, 3600.0));
  command->add_flag("--quiet", options->quiet, "No progress");
  return [options] {
    auto folder = MakeRunFolder(options->out);
    if (!folder) {
      fmt::print(stderr, "iiifbench study: {}\n", folder.error().message);
      return 1;
    }
    StudyOptions& study = options->study;
    if (study.corpus.pages.empty() && study.corpus.images.empty()) study.corpus.pages = {"map"};
    study.corpus.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    if (!options->quiet) study.progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
    study.corpus.progress = study.progress;
    study.run_folder = std::filesystem::temp_directory_path() / fmt::format("iiifbench-{}", ::getpid());
    study.stop = &interrupted;
    ::signal(SIGINT, OnInterrupt);
    ::signal(SIGTERM, OnInterrupt);
    const Disturbance before = Disturbance::Now();
    auto result = RunStudy(study);
    std::error_code ignored;
    std::filesystem::remove_all(study.run_folder, ignored);
    if (!result) {
      fmt::print(stderr, "iiifbench study: {}\n", result.error().message);
      return 1;
    }
    for (const auto& reason : Disturbed(before, Disturbance::Now())) result->not_reportable.push_back(reason);
    std::string words = "iiifbench study";
    words += fmt::format(" --rounds {} --seed {}", study.rounds, study.seed);
    auto listed = [&](const char* option, const std::vector<std::string>& names) {
      if (!names.empty()) words += fmt::format(" {} {}", option, fmt::join(names, ","));
    };
    listed("--servers", study.servers);
    listed("--recipes", study.corpus.recipes);
    listed("--pages", study.corpus.pages);
    if (!study.corpus.images.empty()) words += " --images " + study.corpus.images;
    if (study.corpus.small) words += " --small";
    if (options->attribute) words += fmt::format(" --attribute --attribute-budget {}", options->budget);
    const auto json = StudyToJson(*result, words);
    fmt::print("{}\n", StudyToMarkdown(json));
    auto saved = SaveStudy(json, *folder);
    if (!saved) {
      fmt::print(stderr, "iiifbench study: {}\nThe table above is all that is left of this run.\n",
                 saved.error().message);
      return 1;
    }
    fmt::print("saved: {}/study.json and study.md\n", *folder);
    if (options->attribute && result->complete) {
      auto attributed = AttributeStudy(*result, {.corpus = study.corpus,
                                                 .folder = *folder,
                                                 .command = words,
                                                 .budget = std::chrono::duration<double>(options->budget),
                                                 .seed = study.seed,
                                                 .jpeg_quality = study.jpeg_quality,
                                                 .say =
                                                     [](const std::string& line) {
                                                       fmt::print("{}\n", line);
                                                       std::fflush(stdout);
                                                     },
                                                 .progress = study.progress,
                                                 .stop = &interrupted});
      if (!attributed) {
        fmt::print(stderr, "iiifbench study: {}\n", attributed.error().message);
        return 1;
      }
      fmt::print("see it: iiifbench page {}\n", *folder);
    }
    return result->complete && !interrupted ? 0 : 130;
  };
}

}  // namespace iiifbench
