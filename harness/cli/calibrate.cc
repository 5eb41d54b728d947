// iiifbench calibrate: our client against wrk and against answer times that are known.
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "data/built_from.h"
#include "data/command_line.h"
#include "data/corpus.h"
#include "harness/cli/commands.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/load/calibration/calibrate.h"
#include "harness/report/machine.h"

namespace iiifbench {
std::function<int()> AddCalibrate(CLI::App& app, CLI::App*& command) {
  struct Options {
    CalibrationOptions calibration;
    std::string json;
    bool quiet = false;
  };
  auto options = std::make_shared<Options>();
  command = app.add_subcommand(
      "calibrate",
      "Is our client to be believed? Against wrk and against a server with known delays");
  command->footer(
      "Exit status: 0 within bounds, 3 out of bounds, 130 interrupted, 1 failed. About 90 s by "
      "default.");
  command->add_option("--seconds", options->calibration.seconds, "Per turn (default 1)")
      ->check(CLI::Range(0.2, 60.0));
  command->add_option("--turns", options->calibration.turns, "Of each client (default 3)")
      ->check(CLI::Range(1, 100));
  command
      ->add_option("--delays", options->calibration.delays_ms,
                   "Milliseconds that the server holds a request")
      ->delimiter(',')
      ->check(CLI::Range(0.1, 10'000.0));
  command->add_option("--json", options->json, "File for the table");
  command->add_flag("--quiet", options->quiet, "No progress");
  return [options] {
    CalibrationOptions& calibration = options->calibration;
    if (auto writable = CheckWritable(options->json); !writable) {
      Complain("iiifbench calibrate: {}\n", writable.error().message);
      return 1;
    }
    calibration.progress = ProgressUnless(options->quiet);
    calibration.folder =
        std::filesystem::temp_directory_path() / fmt::format("iiifbench-calibrate-{}", ::getpid());
    calibration.stop = &interrupted;
    StopWhenInterrupted();
    std::error_code error;
    std::filesystem::create_directories(calibration.folder, error);
    const Disturbance before = Disturbance::Now();
    const auto result = Calibrate(calibration);
    std::filesystem::remove_all(calibration.folder, error);
    if (!result) {
      Complain("iiifbench calibrate: {}\n", result.error().message);
      return 1;
    }
    Print("{}", CalibrationToText(*result));
    auto json = CalibrationToJson(*result);
    PutFindings(Disturbed(before, Disturbance::Now()), "disturbed", "disturbed_ids", json);
    json["remedies"] = RemediesFor(json);
    for (const auto& reason : json["disturbed"])
      Print("disturbed: {}\n", reason.get<std::string>());
    json["commit"] = BuiltFrom();
    json["machine"] = DescribeMachine();
    json["command"] =
        fmt::format("iiifbench calibrate --seconds {} --turns {} --delays {}", calibration.seconds,
                    calibration.turns, fmt::join(calibration.delays_ms, ","));
    if (!options->json.empty()) {
      const std::string text = JsonText(json);
      auto saved = WriteFile(options->json, text);
      if (!saved) {
        Complain("iiifbench calibrate: {}\nThe table above is all that is left of this run.\n",
                 saved.error().message);
        return 1;
      }
    }
    return interrupted ? 130 : result->within_bounds ? 0 : 3;
  };
}

}  // namespace iiifbench
