// iiifbench: why is my image server slow, what is worth fixing, and how do you know?
#include <curl/curl.h>
#include <malloc.h>
#include <signal.h>

#include <exception>
#include <new>
#include <utility>
#include <vector>

#include "data/command_line.h"
#include "harness/cli/commands.h"
#include "harness/cli/examples.h"
#include "harness/cli/output.h"

namespace iiifbench {

void AddEngine(CLI::App& command, std::string& engine) {
  command
      .add_option(
          "--engine", engine,
          "docker or podman: a server that is not installed is run from its published image")
      ->check(CLI::IsMember({"docker", "podman"}));
}

// Within the columns of a terminal, which CLI11 does not keep to.
std::string FooterWithExamples(const CLI::App& app) {
  std::string footer;
  for (const auto& line : Wrapped(app.get_footer(), 100)) footer += line + "\n";
  return footer + ExamplesOf(app.get_name());
}

// No exception of ours; one of a library ends the command with a message, not the process with a
// signal, so that links, files and processes of the run are cleaned up.
int RunBody(const std::string& name, const std::function<int()>& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    Complain("iiifbench {}: out of memory; what was saved before stays\n", name);
  } catch (const std::exception& error) {
    Complain("iiifbench {}: a fault of iiifbench: {}; what was saved before stays\n", name,
             error.what());
  }
  return 1;
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
      iiifbench::AddDoctor,     //
      iiifbench::AddServe,      //
  };
  for (auto add : commands) {
    CLI::App* command = nullptr;
    auto body = add(app, command);
    command->footer(iiifbench::FooterWithExamples(*command));
    bodies.emplace_back(command, std::move(body));
  }
  app.footer(iiifbench::FooterWithExamples(app));  // now: commands inherit it
  if (const auto status = iiifbench::ParseCommandLine(app, argc, argv, "iiifbench")) return *status;
  // A reader that goes away is an error of writing, not the end: results are saved in files.
  ::signal(SIGPIPE, SIG_IGN);
  for (const auto& [command, body] : bodies) {
    if (!command->parsed()) continue;
    const int status = iiifbench::RunBody(command->get_name(), body);
    if (!iiifbench::OutputLost()) return status;
    iiifbench::Complain(
        "iiifbench {}: standard output was closed or full: a part of the text is lost\n",
        command->get_name());
    return status == 0 ? 1 : status;
  }
  return 2;
}
