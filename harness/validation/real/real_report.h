// real_report: the table of real servers: a row for each server, format, held-out request and
// evidence, and how many lie within the goal. Nothing is averaged over evidence: where two
// contradict, both rows stand.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace iiifbench {

// Points of the latency that the worst stage may be off: 5 where no other process decodes and the
// request takes more than 5 ms, else 10.
double GoalOf(bool spawns, double measured_ms);

// `runs`: what RunReal returned, or {"server", "recipe", "failed": why}. As Markdown.
std::string RealTable(const nlohmann::json& runs);
// One line for each server and recipe, then one for all.
std::string RealSummary(const nlohmann::json& runs);

}  // namespace iiifbench
