#include "harness/doctor/report.h"

#include <algorithm>

namespace iiifbench {
namespace {

std::string Verdict(const std::vector<Check>& checks) {
  const auto of = [&](Grade grade) { return std::ranges::count(checks, grade, &Check::grade); };
  switch (WorstOf(checks)) {
    case Grade::kBad:
      return fmt::format(
          "Figures of this machine mislead: {} of {} checks are bad. Mend these first.",
          of(Grade::kBad), checks.size());
    case Grade::kDoubtful:
      return fmt::format(
          "Ratios of one run can be trusted; times alone cannot: {} of {} checks are doubtful.",
          of(Grade::kDoubtful), checks.size());
    case Grade::kUnknown:
      return fmt::format("Nothing speaks against this machine; {} of {} checks say nothing.",
                         of(Grade::kUnknown), checks.size());
    case Grade::kGood:
      break;
  }
  return "This machine gives figures to be trusted.";
}

}  // namespace

nlohmann::json ChecksToJson(const std::vector<Check>& checks) {
  nlohmann::json out = {
      {"schema", 1}, {"verdict", GradeName(WorstOf(checks))}, {"checks", nlohmann::json::array()}};
  for (const Check& check : checks)
    out["checks"].push_back({{"id", check.id},
                             {"grade", GradeName(check.grade)},
                             {"found", check.found},
                             {"remedy", check.remedy}});
  return out;
}

std::string ChecksToText(const std::vector<Check>& checks) {
  std::string out;
  for (const Check& check : checks) {
    out += fmt::format("{:<9} {:<13} {}\n", GradeName(check.grade), check.id, check.found);
    if (!check.remedy.empty()) out += fmt::format("{:<24}-> {}\n", "", check.remedy);
  }
  return out + Verdict(checks) + "\n";
}

}  // namespace iiifbench
