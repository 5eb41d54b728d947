// iiifbench page: one HTML file from a run folder.
#include <fmt/format.h>

#include <memory>

#include "harness/cli/commands.h"
#include "harness/cli/output.h"
#include "harness/report/page/page.h"

namespace iiifbench {

std::function<int()> AddPage(CLI::App& app, CLI::App*& command) {
  struct Options {
    std::string folder, out;
  };
  auto options = std::make_shared<Options>();
  command = app.add_subcommand("page",
                               "A run folder (study.json, attribution-*.json, ...) as one HTML "
                               "page that needs nothing else");
  command->add_option("RUN_FOLDER", options->folder, "Folder that a run left its results in")
      ->required();
  command->add_option("--out", options->out, "File to write (default RUN_FOLDER/page.html)");
  return [options] {
    const std::string out = options->out.empty() ? options->folder + "/page.html" : options->out;
    auto written = WritePage(options->folder, out);
    if (!written) {
      Complain("iiifbench page: {}\n", written.error().message);
      return 1;
    }
    Print("page: {}\n", out);
    return 0;
  };
}

}  // namespace iiifbench
