// bench: what all benchmark binaries share: main, names, context, counters, the empty control.
//
// Options beside Google Benchmark's, which all work: --smoke (small pages, every benchmark once).
// Names: see README. Context: versions as loaded, SIMD target, CPU, governor, load, commit.
#pragma once

#include <benchmark/benchmark.h>

#include <functional>
#include <string>

#include "kernels/image/image.h"

namespace iiifbench {

struct BenchSettings {
  bool smoke = false;
};

// Parses, registers "empty" and what `register_all` registers, runs. Returns the exit status: 1
// when a benchmark reported an error.
int BenchMain(int argc, char** argv, const std::function<void(const BenchSettings&)>& register_all);

// Registers with wall time, in milliseconds unless `microseconds`; in smoke mode one iteration.
void Register(const BenchSettings& settings, const std::string& name,
              std::function<void(benchmark::State&)> body);

// Work of one iteration.
struct Work {
  int64_t output_pixels = 0;
  int64_t source_pixels = 0;  // decoded or read
  int64_t bytes_in = 0;
};
// Counters output_Mpx/s, source_Mpx/s, bytes_in, amplification.
void SetCounters(benchmark::State& state, const Work& work);
// What is measured begins: call it in front of the loop; SetCounters ends it. Peak memory counts
// from here, and a profiler that listens at $IIIFBENCH_PERF_CONTROL ("control fifo,acknowledgement
// fifo" of perf record) records just this, not the checks before it.
void BeginMeasured();
// The largest resident memory since BeginMeasured, in MB; 0 where the system does not tell.
double PeakMemoryMb();

}  // namespace iiifbench
