// perf_profile: where the processor time of a server that we started goes, by `perf record -e
// cpu-clock` on its process tree while the named requests are asked again and again.
//
// One recording for all requests; a sample belongs to the request in whose window (sent to done) it
// was taken. Milliseconds of a stage = its samples x period / requests, scaled by latency without
// perf over latency with it, because sampling costs time. "unknown" is what no rule names,
// "run-queue" the time in which its threads were ready and did not run (perf itself needs a
// processor), "off-cpu" the latency that is left (waiting, or the client's side). Sees processor
// time only; stages in several threads can sum to more than the latency. JVMs of version 17 and
// later are asked for their symbols
// (`jcmd <pid> Compiler.perfmap`). Errors: kNotFound says what to install, kUnsupported why the
// kernel refuses, kIo.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "harness/attribution/evidence/perf/perf_script.h"
#include "harness/attribution/model/latency_part.h"
#include "harness/http/client.h"
#include "kernels/image/result.h"

namespace iiifbench {

struct PerfWindow {
  std::string path;
  double begin = 0, end = 0;  // seconds of the steady clock
};

struct PerfOptions {
  std::vector<int> process_ids;
  std::string image_url;
  std::map<std::string, double> latency_ms;  // path -> without perf
  std::vector<std::string> headers;
  bool jpeg_source = false;
  std::chrono::duration<double> budget{4};
  std::string folder;  // for perf's files
  const std::atomic<bool>* stop = nullptr;
};

struct Profile {
  std::map<std::string, PartMap<double>> stages;  // by path
  // The same of the critical path: an instant in which n threads work counts 1/n to each, so that a
  // resize on two threads is as long as its latency, which is what is seen from outside. background
  // is left out.
  std::map<std::string, PartMap<double>> wall;
  std::map<std::string, int> samples;  // path -> samples in its windows
  std::map<std::string, int> folded;
  std::map<std::string, double> unknown_objects;  // share of all samples, by the leaf's object
  double cost = 0;                                // latency with perf over latency without, less 1
};

Result<Profile> ProfileRequests(const PerfOptions& options);

// The second half, for tests: samples and windows to stages. `run_queue_ms`: of a request, with
// perf.
Profile ProfileOf(const std::vector<PerfSample>& samples, const std::vector<PerfWindow>& windows,
                  double samples_per_second, const std::map<std::string, double>& latency_ms,
                  bool jpeg_source, const std::map<std::string, double>& run_queue_ms = {});
// "stack count" per line.
std::string FoldedText(const std::map<std::string, int>& folded);

}  // namespace iiifbench
