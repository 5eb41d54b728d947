// iiifbench: why is my image server slow, what is worth fixing, and how do you know?
#include <fmt/format.h>

#include <utility>
#include <vector>

#include "harness/cli/command.h"

namespace iiifbench {
// One line per subcommand, in the order of the help text.
}  // namespace iiifbench

int main(int argc, char** argv) {
  CLI::App app{"Measures IIIF image servers and says where their time goes."};
  app.require_subcommand(1);
  const iiifbench::AddCommand commands[] = {nullptr};
  std::vector<std::pair<CLI::App*, std::function<int()>>> bodies;
  for (auto add : commands) {
    if (add == nullptr) continue;
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
