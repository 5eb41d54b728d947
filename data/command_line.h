// command_line: what every program says when it is called wrongly: which program, what is wrong, where help
// is.
//
// Status 2 for that, in all programs; 0 for --help.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <utility>

namespace iiifbench {

// Yields the status to end with; nothing: go on. `program` is the name to type.
inline std::optional<int> ParseCommandLine(CLI::App& app, int argc, char** argv, const std::string& program) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::string called = program;
    const auto commands = app.get_subcommands();  // that were given
    for (const CLI::App* command : commands) called += " " + command->get_name();
    // What is missing is complained of before what is unknown, which is the likelier mistake.
    const auto unknown = app.remaining(true);
    std::string what = error.what(), names;
    if (!unknown.empty()) {
      what = fmt::format("'{}' is unknown here", unknown.front());
      for (const CLI::App* command : std::as_const(app).get_subcommands([](const CLI::App*) { return true; }))
        names += (names.empty() ? "; there are " : ", ") + command->get_name();
      if (commands.empty() && !unknown.front().starts_with("-")) what += names;
    }
    fmt::print(stderr, "{}: {}\n`{} --help` lists what there is.\n", called, what, called);
    return 2;
  }
}

}  // namespace iiifbench
