// targets: what the kernels should reach, as ratios peer / ours of one run, and whether they did.
#pragma once

#include "benchmarks/peers/verdict/floor.h"

namespace iiifbench::peers {

struct Target {
  std::string_view cases;  // begin of the cases' names
  std::string_view ours;   // begin of the label of ours: "ours" or "ours, indexed"
  std::string_view peer;   // begin of the peer's label
  double at_least = 1;     // 1: never slower, met unless the peer breaks the floor (floor.h)
};
std::span<const Target> Targets();

// A target against one case that it names.
struct Verdict {
  const Target* target = nullptr;
  std::string case_name;
  std::string peer;
  Ratio ratio;
  bool met = false;
  // Where it is missed: what this run measured to stand in the way (reasons.h). Where it is met by
  // a second block only: both.
  std::string why;
};
std::vector<Verdict> Judge(const std::vector<CaseResult>& results);

}  // namespace iiifbench::peers
