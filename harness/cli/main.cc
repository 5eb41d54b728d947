// iiifbench: why is my image server slow, what is worth fixing, and how do you know?
#include <curl/curl.h>
#include <malloc.h>

#include <utility>
#include <vector>

#include "data/command_line.h"
#include "harness/cli/commands.h"

namespace iiifbench {

void AddEngine(CLI::App& command, std::string& engine) {
  command
      .add_option(
          "--engine", engine,
          "docker or podman: a server that is not installed is run from its published image")
      ->check(CLI::IsMember({"docker", "podman"}));
}

}  // namespace iiifbench

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  // Freed memory stays with the process: a page fault costs more than clearing a page, and would
  // count as decode.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  CLI::App app{"iiifbench measures IIIF image servers and says where their time goes."};
  app.require_subcommand(1);
  app.footer(
      "iiifbench COMMAND --help says what it takes. Exit status: 0 done, 1 failed, 2 called "
      "wrongly, 3 done "
      "but not "
      "to be believed or a bound missed (the reasons are printed), 130 interrupted.");
  std::vector<std::pair<CLI::App*, std::function<int()>>> bodies;
  // In the order of --help: one a line.
  const decltype(&iiifbench::AddStudy) commands[] = {
      iiifbench::AddStudy,      //
      iiifbench::AddAttribute,  //
      iiifbench::AddLoad,       //
      iiifbench::AddPlan,       //
      iiifbench::AddMerge,      //
      iiifbench::AddProfile,    //
      iiifbench::AddCompare,    //
      iiifbench::AddCalibrate,  //
      iiifbench::AddPage,       //
      iiifbench::AddIndex,      //
      iiifbench::AddServe,      //
  };
  for (auto add : commands) {
    CLI::App* command = nullptr;
    auto body = add(app, command);
    bodies.emplace_back(command, std::move(body));
  }
  if (const auto status = iiifbench::ParseCommandLine(app, argc, argv, "iiifbench")) return *status;
  for (const auto& [command, body] : bodies) {
    if (command->parsed()) return body();
  }
  return 2;
}
