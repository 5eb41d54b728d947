// latency_part: what a method names of a latency: a stage, or a part that is none.
//
// Units of values: milliseconds, always. Counts and megabytes of a request are in ProcessUsage and
// StoreStall. Names are those of the JSON field "methods".
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kernels/image/stage_map.h"

namespace iiifbench {

enum class OtherPart {
  kTotal,         // of the server's own account, or of the request
  kUnknown,       // of a profile: no rule names it
  kEitherJpeg,    // of a profile: a JPEG library that decodes or encodes
  kNearest,       // of a profile: what serves whatever stage is at work around it
  kBackground,    // of a profile: nobody waits for it
  kOffCpu,        // of a profile: no thread of the server runs
  kRunQueue,      // of a profile: a thread is ready and has no core
  kBetweenCalls,  // of the preloaded library: between two calls of it
  kWork,          // of the store: the sum of its requests, which may overlap
  kConnect,       // of a fresh connection
  kTls,
  kFirstByte,
  kBody,
};

using LatencyPart = std::variant<Stage, OtherPart>;

// "decode", "total", "decode or encode" ...
std::string_view PartName(const LatencyPart& part);

struct ByPartName {
  bool operator()(const LatencyPart& a, const LatencyPart& b) const {
    return PartName(a) < PartName(b);
  }
};

template <typename T>
using PartMap = std::map<LatencyPart, T, ByPartName>;

// By name, for JSON.
template <typename T>
std::map<std::string, T> NamedParts(const PartMap<T>& parts) {
  std::map<std::string, T> out;
  for (const auto& [part, value] : parts) out[std::string(PartName(part))] = value;
  return out;
}

// 0 where there is none.
inline double PartMs(const PartMap<double>& parts, const LatencyPart& part) {
  const auto found = parts.find(part);
  return found == parts.end() ? 0 : found->second;
}

// "decode+resize": several that are one sum.
std::string JoinedNames(std::span<const Stage> stages);

// Groups of stages, by name, for JSON.
std::vector<std::vector<std::string>> MergedNames(const std::vector<std::vector<Stage>>& groups);

// The stages among them.
template <typename T>
StageMap<T> StagesIn(const PartMap<T>& parts) {
  StageMap<T> out;
  for (const auto& [part, value] : parts) {
    if (const Stage* stage = std::get_if<Stage>(&part)) out[*stage] = value;
  }
  return out;
}

template <typename T>
PartMap<T> PartsOfStages(const StageMap<T>& stages) {
  PartMap<T> out;
  for (const auto& [stage, value] : stages) out[stage] = value;
  return out;
}

}  // namespace iiifbench
