// iiifbench: why is my image server slow, what is worth fixing, and how do you know?
#include <curl/curl.h>
#include <malloc.h>

#include <utility>
#include <vector>

#include "harness/cli/commands.h"

namespace iiifbench {

void AddEngine(CLI::App& command, std::string& engine) {
  command
      .add_option("--engine", engine,
                  "docker or podman: a server that is not installed is run from its published image")
      ->check(CLI::IsMember({"docker", "podman"}));
}

}  // namespace iiifbench

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  // Freed memory stays with the process: a page fault costs more than clearing a page, and would count as
  // decode.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  CLI::App app{"iiifbench measures IIIF image servers and says where their time goes."};
  app.require_subcommand(1);
  std::vector<std::pair<CLI::App*, std::function<int()>>> bodies;
  // In the order of --help: one a line.
  const decltype(&iiifbench::AddStudy) commands[] = {
      iiifbench::AddStudy,      //
      iiifbench::AddAttribute,  //
      iiifbench::AddLoad,       //
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
  CLI11_PARSE(app, argc, argv);
  for (const auto& [command, body] : bodies) {
    if (command->parsed()) return body();
  }
  return 2;
}
