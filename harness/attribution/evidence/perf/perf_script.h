// perf_script: the text of `perf script` as samples with stacks, and folded stacks from them.
//
// Format: one header line per sample ("program pid/tid seconds: "), one line per frame, leaf first
// ("   address symbol (object)"), an empty line. Lines of another shape are skipped: perf prints
// warnings between samples. Units: seconds of the clock that was recorded with (`-k
// CLOCK_MONOTONIC`: that of std::chrono::steady_clock).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/attribution/model/latency_part.h"

namespace iiifbench {

struct PerfFrame {
  std::string symbol;  // "[unknown]" where perf has no name
  std::string object;  // path of the program or library, "[kernel.kallsyms]"
  uint64_t address = 0;
};

struct PerfSample {
  std::string program;  // name of the thread
  double seconds = 0;
  std::vector<PerfFrame> frames;  // leaf first
  std::string thread;             // "pid/tid"
};

std::vector<PerfSample> ParsePerfScript(std::string_view text);

// "program;stage;root;...;leaf" -> samples, for a flame graph; `stage` as given for each sample,
// kUnknown where there is none.
std::map<std::string, int> FoldStacks(const std::vector<PerfSample>& samples,
                                      const std::vector<std::optional<LatencyPart>>& stages);

}  // namespace iiifbench
