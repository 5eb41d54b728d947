// table: what a run found, as Markdown for people and as JSON with every round for machines.
#pragma once

#include <nlohmann/json.hpp>

#include "benchmarks/peers/verdict/targets.h"

namespace iiifbench::peers {

std::string CaseAsMarkdown(const CaseResult& result);
// The second block of a case; empty where there is none.
std::string AgainAsMarkdown(const CaseResult& result);
// The rule, every floor with its control, two threads, targets against measured ratios.
std::string SummaryAsMarkdown(const std::vector<CaseResult>& results);
std::string TargetsAsMarkdown();
// Both blocks, every round.
nlohmann::json AsJson(const CaseResult& result);

}  // namespace iiifbench::peers
