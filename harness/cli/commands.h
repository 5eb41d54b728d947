// The subcommands of iiifbench, one file each. A function declares its subcommand on `app`, hands
// it back in `command`, and returns the body that runs when it was chosen and yields the exit
// status.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace iiifbench {

std::function<int()> AddAttribute(CLI::App& app, CLI::App*& command);
std::function<int()> AddCalibrate(CLI::App& app, CLI::App*& command);
std::function<int()> AddCompare(CLI::App& app, CLI::App*& command);
std::function<int()> AddDoctor(CLI::App& app, CLI::App*& command);
std::function<int()> AddIndex(CLI::App& app, CLI::App*& command);
std::function<int()> AddLoad(CLI::App& app, CLI::App*& command);
std::function<int()> AddMerge(CLI::App& app, CLI::App*& command);
std::function<int()> AddPage(CLI::App& app, CLI::App*& command);
std::function<int()> AddPlan(CLI::App& app, CLI::App*& command);
std::function<int()> AddProfile(CLI::App& app, CLI::App*& command);
std::function<int()> AddServe(CLI::App& app, CLI::App*& command);
std::function<int()> AddStudy(CLI::App& app, CLI::App*& command);

// --engine docker|podman, where servers are started.
void AddEngine(CLI::App& command, std::string& engine);

}  // namespace iiifbench
