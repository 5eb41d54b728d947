#include "benchmarks/common/bench.h"

#include <hwy/targets.h>
#include <malloc.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>

#include "data/built_from.h"
#include "kernels/codecs/codec.h"

namespace iiifbench {
namespace {

std::string FirstLineOf(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line.empty() ? "unreadable" : line;
}

void AddContext() {
  for (const Codec* codec : Codecs())
    benchmark::AddCustomContext(std::string(codec->name), codec->version());
  benchmark::AddCustomContext("simd", hwy::TargetName(hwy::SupportedAndGeneratedTargets().front()));
  benchmark::AddCustomContext("governor",
                              FirstLineOf("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
  benchmark::AddCustomContext("load", FirstLineOf("/proc/loadavg"));
  benchmark::AddCustomContext("commit", std::string(BuiltFrom()));
}

// The name as it was typed, for the examples of --help.
std::string typed;

void PrintHelp() {
  benchmark::PrintDefaultHelp();
  std::printf(
      "          [--smoke]\n\n"
      "--smoke: small pages, each benchmark once.\n\n"
      "Examples:\n  %s --smoke\n"
      "  %s --benchmark_repetitions=20 --benchmark_out=a.json\n",
      typed.c_str(), typed.c_str());
}

// Whether any benchmark gave up: Google Benchmark itself exits with 0. A reporter of our own would
// see it too, but would stand in the place of the one that --benchmark_format asks for.
std::atomic<bool> gave_up{false};

// Tells perf record to begin or to stop and waits until it did.
void TellProfiler(const std::string& command) {
  static const char* const control = std::getenv("IIIFBENCH_PERF_CONTROL");
  if (control == nullptr) return;
  const std::string paths = control;
  const size_t comma = paths.find(',');
  static std::ofstream to(paths.substr(0, comma));
  static std::ifstream from(paths.substr(comma + 1));
  to << command << std::endl;
  std::string acknowledged;
  std::getline(from, acknowledged);
}

}  // namespace

int BenchMain(int argc, char** argv,
              const std::function<void(const BenchSettings&)>& register_all) {
  // Freed memory stays with the process: buffers are not paid for by page faults in every
  // iteration.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  BenchSettings settings;
  std::vector<char*> rest;
  for (int i = 0; i < argc; ++i) {
    if (std::strcmp(argv[i], "--smoke") == 0) {
      settings.smoke = true;
    } else {
      rest.push_back(argv[i]);
    }
  }
  int count = static_cast<int>(rest.size());
  rest.push_back(nullptr);
  typed = argc > 0 ? argv[0] : "";
  benchmark::Initialize(&count, rest.data(), PrintHelp);
  if (benchmark::ReportUnrecognizedArguments(count, rest.data())) return 2;
  AddContext();
  Register(settings, "empty", [](benchmark::State& state) {
    for (auto _ : state) benchmark::ClobberMemory();
  });
  register_all(settings);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return gave_up ? 1 : 0;
}

void Register(const BenchSettings& settings, const std::string& name,
              std::function<void(benchmark::State&)> body) {
  // Google Benchmark 1.7 keeps the pointer.
  static std::deque<std::string> names;
  names.push_back(name);
  auto* registered = benchmark::RegisterBenchmark(
      names.back().c_str(), [body = std::move(body)](benchmark::State& state) {
        body(state);
        if (state.error_occurred()) gave_up = true;
      });
  registered->UseRealTime()->Unit(benchmark::kMillisecond);
  if (settings.smoke) registered->Iterations(1);
}

void SetCounters(benchmark::State& state, const Work& work) {
  TellProfiler("disable");
  using benchmark::Counter;
  const auto iterations = static_cast<double>(state.iterations());
  if (work.output_pixels > 0)
    state.counters["output_Mpx/s"] =
        Counter(static_cast<double>(work.output_pixels) * iterations / 1e6, Counter::kIsRate);
  if (work.source_pixels > 0)
    state.counters["source_Mpx/s"] =
        Counter(static_cast<double>(work.source_pixels) * iterations / 1e6, Counter::kIsRate);
  if (work.bytes_in > 0) state.counters["bytes_in"] = static_cast<double>(work.bytes_in);
  if (work.output_pixels > 0 && work.source_pixels > 0) {
    state.counters["amplification"] =
        static_cast<double>(work.source_pixels) / static_cast<double>(work.output_pixels);
  }
  const double peak = PeakMemoryMb();
  if (peak > 0) state.counters["peak_rss_MB"] = peak;
}

void BeginMeasured() {
  std::ofstream("/proc/self/clear_refs") << "5";
  TellProfiler("enable");
}

double PeakMemoryMb() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmHWM:")) return std::atof(line.c_str() + 6) / 1000;
  }
  return 0;
}

}  // namespace iiifbench
