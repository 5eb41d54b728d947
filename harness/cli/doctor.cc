// iiifbench doctor: can this machine give numbers to be trusted, and what to do if not?
#include <memory>

#include "data/write_file.h"
#include "harness/cli/commands.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/doctor/report.h"
#include "harness/doctor/storage_checks.h"
#include "harness/doctor/system_checks.h"
#include "harness/doctor/timing_checks.h"

namespace iiifbench {

std::function<int()> AddDoctor(CLI::App& app, CLI::App*& command) {
  struct Options {
    std::string folder = ".", json;
    double seconds = 3;
    bool quiet = false;
  };
  auto options = std::make_shared<Options>();
  command = app.add_subcommand(
      "doctor", "Whether this machine can give numbers to be trusted, and what to do if not");
  command->add_option("--folder", options->folder,
                      "Where results and sources shall lie (default: here)");
  command
      ->add_option("--seconds", options->seconds, "How long the processor is watched (default 3)")
      ->check(CLI::Range(0.5, 600.0));
  command->add_option("--json", options->json, "File for the result");
  command->add_flag("--quiet", options->quiet, "No progress");
  return [options] {
    StopWhenInterrupted();
    if (!options->quiet)
      ShowProgress(fmt::format("watching the processor for {:g} s", options->seconds));
    // Before anything else runs here: its children start from a process that decoded nothing.
    const auto timing = TimingChecks({.seconds = options->seconds, .stop = &interrupted});
    if (interrupted) return 130;
    std::vector<Check> checks = SystemChecks();
    for (const auto& more : {timing, StorageChecks(options->folder)})
      checks.insert(checks.end(), more.begin(), more.end());
    if (!options->json.empty()) {
      if (auto saved = WriteFile(options->json, JsonText(ChecksToJson(checks))); !saved) {
        Complain("iiifbench doctor: {}\n", saved.error().message);
        return 1;
      }
    }
    PrintText(ChecksToText(checks));
    return WorstOf(checks) == Grade::kBad ? 3 : 0;
  };
}

}  // namespace iiifbench
