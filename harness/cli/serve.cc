// iiifbench serve DIR: the reference server in the foreground.
#include <signal.h>

#include <fstream>
#include <iterator>
#include <memory>

#include "harness/cli/commands.h"
#include "harness/cli/output.h"
#include "harness/servers/reference/reference_server.h"

namespace iiifbench {

std::function<int()> AddServe(CLI::App& app, CLI::App*& command) {
  auto options = std::make_shared<ReferenceOptions>();
  command = app.add_subcommand(
      "serve", "The reference server: our kernels over HTTP, IIIF 2.1 and 3.0, with Server-Timing");
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
    return 0;
  };
}

}  // namespace iiifbench
