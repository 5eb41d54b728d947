// command_line: what every program says when it is called wrongly: which program, what is wrong,
// where help is. Status 2 for that, in all programs; 0 for --help. Header only: the library of the
// corpus needs no CLI11.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "kernels/image/result.h"

namespace iiifbench {

// Yields the status to end with; nothing: go on. `program` is the name to type.
inline std::optional<int> ParseCommandLine(CLI::App& app, int argc, char** argv,
                                           const std::string& program) {
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
      for (const CLI::App* command :
           std::as_const(app).get_subcommands([](const CLI::App*) { return true; }))
        names += (names.empty() ? "; there are " : ", ") + command->get_name();
      if (commands.empty() && !unknown.front().starts_with("-")) what += names;
    }
    fmt::print(stderr, "{}: {}\n`{} --help` lists what there is.\n", called, what, called);
    return 2;
  }
}

// Says early that a result could not be saved at `path`, before an hour of measuring; an empty path
// is right.
inline Result<void> CheckWritable(const std::string& path) {
  if (path.empty()) return {};
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::absolute(path, error).parent_path();
  if (!std::filesystem::is_directory(folder, error))
    return Fail(ErrorKind::kIo, "{}: cannot be written: {} is no folder; make it or choose another",
                path, folder.string());
  if (std::filesystem::is_directory(path, error))
    return Fail(ErrorKind::kIo, "{}: cannot be written: it is a folder; give the name of a file",
                path);
  const bool there = std::filesystem::exists(path, error);
  if (::access(there ? path.c_str() : folder.c_str(), W_OK) != 0)
    return Fail(ErrorKind::kIo, "{}: cannot be written: {}; choose another folder", path,
                std::strerror(errno));
  return {};
}

}  // namespace iiifbench
