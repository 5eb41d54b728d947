#include "harness/doctor/check.h"

#include <algorithm>
#include <array>

namespace iiifbench {

std::string_view GradeName(Grade grade) {
  constexpr std::array<std::string_view, 4> kNames = {"good", "unknown", "doubtful", "bad"};
  return kNames[static_cast<size_t>(grade)];
}

Grade WorstOf(const std::vector<Check>& checks) {
  Grade worst = Grade::kGood;
  for (const Check& check : checks) worst = std::max(worst, check.grade);
  return worst;
}

}  // namespace iiifbench
