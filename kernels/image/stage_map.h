// stage_map: a value for each stage that has one.
//
// In the order of the stages' names, as JSON has them; sums and random draws follow it. Errors,
// threads: none.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "kernels/image/stage.h"

namespace iiifbench {

// None: no stage is called so.
inline std::optional<Stage> StageNamed(std::string_view name) {
  for (Stage stage : kStages) {
    if (StageName(stage) == name) return stage;
  }
  return std::nullopt;
}

struct ByStageName {
  bool operator()(Stage a, Stage b) const { return StageName(a) < StageName(b); }
};

template <typename T>
using StageMap = std::map<Stage, T, ByStageName>;

// By name, for JSON.
template <typename T>
std::map<std::string, T> Named(const StageMap<T>& stages) {
  std::map<std::string, T> out;
  for (const auto& [stage, value] : stages) out[std::string(StageName(stage))] = value;
  return out;
}

}  // namespace iiifbench
