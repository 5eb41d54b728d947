// A subcommand of iiifbench: its own file adds its options to the app and returns what runs when it was
// chosen.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace iiifbench {

// Declares the subcommand on `app`; the function returned is its body and yields the exit status.
using AddCommand = std::function<int()> (*)(CLI::App& app, CLI::App*& command);

}  // namespace iiifbench
