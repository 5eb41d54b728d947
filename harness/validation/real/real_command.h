// `attribution_proof real`: all real servers that are installed, by one command that can be
// interrupted and resumed.
#pragma once

#include <CLI/CLI.hpp>
#include <atomic>
#include <functional>

namespace iiifbench {

// The function runs the command once its options are parsed; its result is the exit status.
std::function<int()> AddReal(CLI::App& app, const std::atomic<bool>& interrupted);

}  // namespace iiifbench
