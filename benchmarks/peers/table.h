// table: what a run found, as Markdown for people and as JSON with every round for machines.
#pragma once

#include <nlohmann/json.hpp>

#include "benchmarks/peers/targets.h"

namespace iiifbench::peers {

std::string CaseAsMarkdown(const CaseResult& result);
// Cases whose floor does not hold, targets against measured ratios.
std::string SummaryAsMarkdown(const std::vector<CaseResult>& results);
std::string TargetsAsMarkdown();
nlohmann::json AsJson(const CaseResult& result);

// Whether no comparable peer is below ours: "holds"; "ties" where an interval holds 1; "broken by <label>".
std::string FloorOf(const CaseResult& result);

}  // namespace iiifbench::peers
