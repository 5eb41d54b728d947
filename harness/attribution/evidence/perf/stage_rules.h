// stage_rules: which stage a stack of a profile belongs to, by shared object and symbol: tables,
// not code.
//
// Order: the rules for work on the whole file, by any frame. Then those with a symbol, over the
// frames from leaf to root: the innermost frame that any of them names decides (a page fault in a
// decoder is decode, a read within it is read). Then the start of a process, then the rules by
// thread name, then those by object alone, leaf to root again, then those of runtimes. A JPEG
// library without a named caller is decode or encode, and only one of them where the source is no
// JPEG. kBackground is work that no request waits for (a JVM's compilers). Nothing found: none,
// and the report prints how much that is.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "harness/attribution/evidence/perf/perf_script.h"
#include "harness/attribution/model/latency_part.h"

namespace iiifbench {

struct StageRule {
  std::string_view object;  // part of the object's path; empty: any
  std::string_view symbol;  // part of the symbol; empty: any
  LatencyPart part;
};

std::span<const StageRule> SymbolRules();
std::span<const StageRule> ObjectRules();

// `jpeg_source`: JPEG codes lie in the source, so that a JPEG library may be decoding.
std::optional<LatencyPart> StageOfSample(const PerfSample& sample, bool jpeg_source);

}  // namespace iiifbench
