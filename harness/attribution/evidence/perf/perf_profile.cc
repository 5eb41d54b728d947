#include "harness/attribution/evidence/perf/perf_profile.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "harness/attribution/evidence/perf/stage_neighbours.h"
#include "harness/attribution/evidence/perf/stage_rules.h"
#include "harness/http/address.h"
#include "harness/servers/launch/process.h"
#include "harness/servers/launch/process_usage.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using Seconds = std::chrono::duration<double>;

constexpr int kSamplesPerSecond = 499;  // off the timer's beat

double At(std::chrono::steady_clock::time_point t) { return Seconds(t.time_since_epoch()).count(); }

std::vector<int> JavaIn(const std::vector<int>& ids) {
  std::vector<int> out;
  for (int id : ids) {
    std::ifstream in(fmt::format("/proc/{}/comm", id));
    std::string name;
    if (std::getline(in, name) && name == "java") out.push_back(id);
  }
  return out;
}

// Symbols of compiled Java, where perf looks for them.
void AskForJavaSymbols(const std::vector<int>& ids) {
  const std::string jcmd = FindProgram("jcmd");
  if (jcmd.empty()) return;
  for (int id : JavaIn(ids)) OutputOf({jcmd, fmt::format("{}", id), "Compiler.perfmap"});
}

Result<std::string> ScriptOf(const std::string& perf, const std::string& data,
                             const std::string& text) {
  auto script = Process::Start(
      {perf, "script", "-i", data, "--no-inline", "-F", "comm,pid,tid,time,ip,sym,dso"}, {}, text);
  if (!script) return script.error();
  const auto start = std::chrono::steady_clock::now();
  while ((*script)->Ended().empty()) {
    if (std::chrono::steady_clock::now() - start > std::chrono::seconds(60))
      return Fail(ErrorKind::kIo, "perf script: not done after 60 s");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::ifstream in(text);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

// Of each sample, 1 / threads that work at its time for the same request; 0: nobody waits for it. A
// thread works where it has a sample within one period.
std::vector<double> SharesOfTime(const std::vector<PerfSample>& samples,
                                 const std::vector<size_t>& requests,
                                 const std::vector<std::optional<LatencyPart>>& stages,
                                 double period) {
  std::vector<size_t> order;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (stages[i] != LatencyPart(OtherPart::kBackground)) order.push_back(i);
  }
  std::ranges::stable_sort(order, {},
                           [&](size_t i) { return std::pair(requests[i], samples[i].seconds); });
  std::vector<double> shares(samples.size(), 0);
  size_t first = 0;
  for (size_t i : order) {
    const auto before = [&](size_t k) {
      return requests[k] < requests[i] || samples[k].seconds < samples[i].seconds - period;
    };
    while (before(order[first])) ++first;
    std::vector<std::string_view> threads;
    for (size_t at = first; at < order.size(); ++at) {
      const size_t k = order[at];
      if (requests[k] != requests[i] || samples[k].seconds > samples[i].seconds + period) break;
      if (std::ranges::count(threads, samples[k].thread) == 0) threads.push_back(samples[k].thread);
    }
    shares[i] = 1.0 / static_cast<double>(threads.size());
  }
  return shares;
}

}  // namespace

Profile ProfileOf(const std::vector<PerfSample>& samples, const std::vector<PerfWindow>& windows,
                  double samples_per_second, const std::map<std::string, double>& latency_ms,
                  bool jpeg_source, const std::map<std::string, double>& run_queue_ms) {
  Profile out;
  std::vector<PerfSample> kept;
  std::vector<std::optional<LatencyPart>> stages;
  std::map<std::string, std::vector<double>> with_perf;
  std::map<std::string, PartMap<int>> counts;
  for (const auto& w : windows) with_perf[w.path].push_back((w.end - w.begin) * 1000);
  std::vector<size_t> requests;  // number of each kept sample's window
  for (const auto& sample : samples) {
    const auto window = std::ranges::find_if(windows, [&](const PerfWindow& w) {
      return sample.seconds >= w.begin && sample.seconds <= w.end;
    });
    if (window == windows.end()) continue;
    kept.push_back(sample);
    stages.push_back(StageOfSample(sample, jpeg_source));
    requests.push_back(static_cast<size_t>(window - windows.begin()));
  }
  SettleByNeighbours(kept, requests, stages);
  const auto shares = SharesOfTime(kept, requests, stages, 1 / samples_per_second);
  std::map<std::string, PartMap<double>> critical;
  for (size_t i = 0; i < kept.size(); ++i) {
    const std::string& path = windows[requests[i]].path;
    const LatencyPart part = stages[i].value_or(OtherPart::kUnknown);
    if (shares[i] > 0) critical[path][part] += shares[i];
    ++counts[path][part];
    ++out.samples[path];
    if (stages[i]) continue;
    const std::string& object = kept[i].frames.front().object;
    out.unknown_objects[object.substr(object.rfind('/') + 1)] += 1;
  }
  for (auto& [object, share] : out.unknown_objects) share /= static_cast<double>(kept.size());
  std::vector<double> cost;
  for (const auto& [path, latencies] : with_perf) {
    const double slow = Median(latencies);
    const auto known = latency_ms.find(path);
    const double scale =
        known != latency_ms.end() && slow > 0 ? std::min(1.0, known->second / slow) : 1;
    if (known != latency_ms.end() && known->second > 0) cost.push_back(slow / known->second - 1);
    double sum = 0;
    for (const auto& [stage, count] : counts[path]) {
      const double ms =
          1000.0 * count / samples_per_second / static_cast<double>(latencies.size()) * scale;
      out.stages[path][stage] = ms;
      if (stage != LatencyPart(OtherPart::kBackground)) sum += ms;
    }
    const auto ready = run_queue_ms.find(path);
    const double waited = ready == run_queue_ms.end() ? 0 : ready->second * scale;
    out.stages[path][OtherPart::kOffCpu] = std::max(0.0, slow * scale - sum - waited);
    if (waited > 0) out.stages[path][OtherPart::kRunQueue] = waited;
    double path_sum = 0;
    for (const auto& [stage, count] : critical[path]) {
      const double ms =
          1000.0 * count / samples_per_second / static_cast<double>(latencies.size()) * scale;
      out.wall[path][stage] = ms;
      path_sum += ms;
    }
    out.wall[path][OtherPart::kOffCpu] = std::max(0.0, slow * scale - path_sum - waited);
  }
  if (!cost.empty()) out.cost = Median(cost);
  out.folded = FoldStacks(kept, stages);
  return out;
}

Result<Profile> ProfileRequests(const PerfOptions& options) {
  const std::string perf = FindProgram("perf");
  if (perf.empty())
    return Fail(ErrorKind::kNotFound,
                "no profile: perf is not installed (apt-get install linux-perf)");
  std::vector<int> ids;
  for (int root : options.process_ids) {
    for (int id : ProcessTree(root)) {
      if (std::ranges::count(ids, id) == 0) ids.push_back(id);
    }
  }
  if (ids.empty()) return Fail(ErrorKind::kNotFound, "no profile: the server has no process");
  const std::string data = options.folder + "/perf.data", log = options.folder + "/perf.log";
  std::error_code ignored;
  fs::remove(data, ignored), fs::remove(log, ignored), fs::remove(data + ".txt", ignored);
  // Compiled Java has no unwinding tables; it has frame pointers where the JVM was told to keep
  // them.
  const std::string stacks = JavaIn(ids).empty() ? "dwarf,16384" : "fp";
  auto record =
      Process::Start({perf, "record", "-e", "cpu-clock", "-F", fmt::format("{}", kSamplesPerSecond),
                      "-k", "CLOCK_MONOTONIC", "--call-graph", stacks, "-o", data, "-p",
                      fmt::format("{}", fmt::join(ids, ","))},
                     {}, log);
  if (!record) return record.error();
  // Ready when its file has a header; a perf that may not record ends at once.
  const auto begin = std::chrono::steady_clock::now();
  while (!fs::exists(data, ignored) || fs::file_size(data, ignored) == 0) {
    if (!(*record)->Ended().empty() ||
        std::chrono::steady_clock::now() - begin > std::chrono::seconds(5))
      return Fail(ErrorKind::kUnsupported, "no profile: perf cannot record: {}", LastLines(log, 3));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  Client client({.headers = options.headers});
  std::vector<PerfWindow> windows;
  std::map<std::string, double> run_queue_ms;
  const auto start = std::chrono::steady_clock::now();
  // In turn, each as long as the others: short requests are asked more often.
  const Seconds slice =
      options.budget / static_cast<double>(std::max<size_t>(1, options.latency_ms.size()));
  for (const auto& [path, ms] : options.latency_ms) {
    const auto from = std::chrono::steady_clock::now();
    const double waited = ProcessUsage::Of(ids).run_queue_ms;
    const size_t before = windows.size();
    while (std::chrono::steady_clock::now() - from < slice) {
      if (options.stop != nullptr && options.stop->load()) break;
      const Exchange exchange = client.Get(Below(options.image_url, path));
      if (exchange.status != 200)
        return Fail(ErrorKind::kIo, "no profile: {} was answered with {} {}", path, exchange.status,
                    exchange.error);
      windows.push_back({path, At(exchange.due), At(exchange.done)});
    }
    if (windows.size() > before)
      run_queue_ms[path] = (ProcessUsage::Of(ids).run_queue_ms - waited) /
                           static_cast<double>(windows.size() - before);
  }
  AskForJavaSymbols(ids);
  ::kill((*record)->id(), SIGINT);
  for (int i = 0; i < 500 && (*record)->Ended().empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  auto text = ScriptOf(perf, data, data + ".txt");
  if (!text) return text.error();
  const auto samples = ParsePerfScript(*text);
  if (samples.empty())
    return Fail(ErrorKind::kUnsupported, "no profile: perf took no sample in {:.1f} s: {}",
                Seconds(std::chrono::steady_clock::now() - start).count(), LastLines(log, 3));
  return ProfileOf(samples, windows, kSamplesPerSecond, options.latency_ms, options.jpeg_source,
                   run_queue_ms);
}

std::string FoldedText(const std::map<std::string, int>& folded) {
  std::string out;
  for (const auto& [stack, count] : folded) out += fmt::format("{} {}\n", stack, count);
  return out;
}

}  // namespace iiifbench
