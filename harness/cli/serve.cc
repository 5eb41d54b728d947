// iiifbench serve DIR: the reference server in the foreground.
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "harness/cli/commands.h"
#include "harness/cli/output.h"
#include "harness/servers/reference/reference_server.h"

namespace iiifbench {

namespace {

// Work that cannot be called off gets this long once the server shall end.
constexpr std::chrono::milliseconds kPatience{400};

void AddLimits(CLI::App& command, ReferenceOptions& options) {
  command
      .add_option("--max-pixels", options.render.max_output_pixels,
                  "Pixels of an answer (default 100,000,000); info.json's maxArea, 413 above")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  command.add_option("--max-width", options.max_width, "Width of an answer; info.json's maxWidth")
      ->check(CLI::Range(1, 1 << 30));
  command
      .add_option("--max-height", options.max_height, "Height of an answer; info.json's maxHeight")
      ->check(CLI::Range(1, 1 << 30));
  command
      .add_option("--max-decode-pixels", options.render.limits.max_pixels,
                  "Pixels decoded for an answer (default 400,000,000), 413 above")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  command
      .add_option_function<double>(
          "--time-limit",
          [&options](double seconds) {
            options.limits.work_time =
                std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
          },
          "Seconds from a request to its answer (default 30), 503 above; 0: no limit")
      ->check(CLI::Range(0.0, 86400.0));
  command
      .add_option("--max-waiting", options.limits.waiting,
                  "Requests that wait for a worker (default 256), 503 above")
      ->check(CLI::Range(0, 1 << 20));
  command
      .add_option("--max-connections", options.limits.connections,
                  "Connections (default 1000, at most half of the descriptors that `ulimit -n` "
                  "allows); above, the one silent for longest is closed")
      ->check(CLI::Range(1, 1 << 20));
}

}  // namespace

std::function<int()> AddServe(CLI::App& app, CLI::App*& command) {
  auto options = std::make_shared<ReferenceOptions>();
  command = app.add_subcommand(
      "serve",
      "The reference server: our kernels over HTTP, IIIF 2.1 and 3.0, with Server-Timing. Pixels "
      "are "
      "answered as they are stored: the orientation of EXIF or TIFF is not applied. Only regular "
      "files inside DIR are read");
  command->add_option("DIR", options->folder, "Folder of JPEG, JPEG 2000 and TIFF files")
      ->required();
  command->add_option("--port", options->port, "Port (default: any free one)")
      ->check(CLI::Range(0, 65535));
  command->add_option("--host", options->host, "Address to listen on (default 127.0.0.1)");
  command->add_option("--workers", options->workers, "Requests rendered at a time")
      ->check(CLI::Range(1, 1024));
  command->add_option("--threads", options->render.threads, "Threads per request")
      ->check(CLI::Range(1, 64));
  command->add_option("--quality", options->render.encode.quality, "JPEG quality of answers")
      ->check(CLI::Range(1, 100));
  AddLimits(*command, *options);
  auto faults = std::make_shared<std::string>();
  command
      ->add_option("--fault-plan", *faults,
                   "JSON file: what to do worse, for experiments (reference_fault_plan.h)")
      ->check(CLI::ExistingFile);
  return [options, faults] {
    if (!faults->empty()) {
      std::ifstream in(*faults);
      auto plan = ParseFaultPlan(std::string(std::istreambuf_iterator<char>(in), {}));
      if (!plan) {
        Complain("iiifbench serve: {}: {}\n", *faults, plan.error().message);
        return 1;
      }
      options->faults = *plan;
    }
    // Signals are waited for, not handled: the server ends in order.
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    auto server = ReferenceServer::Start(*options);
    if (!server) {
      Complain("iiifbench serve: {}\n", server.error().message);
      return 1;
    }
    Print("http://{}:{}/iiif/2/ and /iiif/3/ serve {}; Ctrl-C ends\n", options->host,
          (*server)->port(), options->folder);
    std::fflush(stdout);
    int signal = 0;
    sigwait(&ends, &signal);
    (*server)->Stop();
    if (!(*server)->StoppedWithin(kPatience)) {
      // A decode that reads no more cannot be called off; there is nothing that it must finish.
      std::fflush(nullptr);
      std::_Exit(0);
    }
    return 0;
  };
}

}  // namespace iiifbench
