#include "harness/attribution/evidence/under_load.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <thread>

#include "harness/http/client.h"
#include "harness/load/generator/waiting.h"
#include "harness/servers/launch/process_usage.h"
#include "harness/stats/milliseconds.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kLittle = 0.05;
constexpr int kReplicates = 400;

struct Answers {
  std::vector<double> ms;
  std::vector<Clock::time_point> done;
  int failures = 0;
  std::string error;
};

Answers AskUntil(const LoadedOptions& options, Clock::time_point end) {
  Answers out;
  Client client({.headers = options.headers});
  do {
    const Exchange exchange = client.Get(options.url);
    if (exchange.status != 200) {
      ++out.failures;
      if (out.error.empty()) out.error = fmt::format("{} {}", exchange.status, exchange.error);
      continue;
    }
    out.ms.push_back(MsOf(exchange.latency()));
    out.done.push_back(exchange.done);
  } while (Clock::now() < end && (options.stop == nullptr || !options.stop->load()) &&
           out.failures < 20);
  return out;
}

ProcessUsage TimeOf(const RunningServer* running) {
  return running == nullptr ? ProcessUsage{} : ProcessUsage::Of(running->ProcessIds());
}

std::vector<double> Drawn(const std::vector<double>& values, std::mt19937_64& random) {
  std::vector<double> out(values.size());
  for (double& value : out) value = values[random() % values.size()];
  return out;
}

}  // namespace

Result<Loaded> AskUnderLoad(const LoadedOptions& options) {
  Loaded out{.clients = options.clients};
  const auto start = Clock::now();
  // Alone: for the processor time of a request on quiet cores, and latencies where none were given.
  const ProcessUsage before = TimeOf(options.running);
  const Answers alone =
      AskUntil(options, start + std::chrono::duration_cast<Clock::duration>(options.budget / 4));
  const ProcessUsage between = TimeOf(options.running);
  if (alone.ms.empty()) return Fail(ErrorKind::kIo, "{}: {}", options.url, alone.error);
  std::vector<Answers> each(static_cast<size_t>(options.clients));
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::duration_cast<Clock::duration>(options.budget * 0.75);
  {
    std::vector<std::thread> threads;
    for (auto& mine : each)
      threads.emplace_back([&options, &mine, end] { mine = AskUntil(options, end); });
    for (auto& thread : threads) thread.join();
  }
  const ProcessUsage after = TimeOf(options.running);
  std::vector<double> all;
  double inside = 0;
  int counted = 0;
  std::string error;
  for (const Answers& mine : each) {
    all.insert(all.end(), mine.ms.begin(), mine.ms.end());
    out.failures += mine.failures;
    if (error.empty()) error = mine.error;
    // A request that ends after the first client stopped met fewer others.
    for (size_t i = 0; i < mine.ms.size(); ++i) {
      if (mine.done[i] <= end) inside += mine.ms[i], ++counted;
    }
  }
  out.answers = static_cast<int>(all.size());
  if (all.empty() || out.failures > out.answers)
    return Fail(ErrorKind::kIo, "{} with {} clients: {} of {} requests failed: {}", options.url,
                options.clients, out.failures, out.failures + out.answers, error);
  out.latency_ms = Median(all);
  const double seconds = std::chrono::duration<double>(end - begin).count();
  out.rate_per_second = counted / seconds;
  // What was on its way at the end counts for the part before it.
  double unfinished = 0;
  for (const Answers& mine : each) {
    if (mine.done.empty() || mine.done.back() <= end) continue;
    const double late = MsOf(mine.done.back() - end);
    unfinished += std::max(0.0, mine.ms.back() - late);
  }
  out.little = (inside + unfinished) / (1000 * seconds * options.clients);
  const double alone_cpu =
      (between.on_cpu_ms - before.on_cpu_ms) / static_cast<double>(alone.ms.size());
  const double loaded_cpu =
      (after.on_cpu_ms - between.on_cpu_ms) / static_cast<double>(out.answers);
  // Short-lived children leave /proc with their time: then nothing is known of busy cores.
  if (alone_cpu > 0.5 * Median(alone.ms))
    out.busy_factor = std::clamp(loaded_cpu / alone_cpu, 1.0, 3.0);
  out.run_queue_ms = (after.run_queue_ms - between.run_queue_ms) / static_cast<double>(out.answers);
  const std::vector<double>& service =
      options.alone_ms != nullptr && options.alone_ms->size() > alone.ms.size() ? *options.alone_ms
                                                                                : alone.ms;
  std::mt19937_64 random(options.seed);
  std::vector<double> waits;
  for (int i = 0; i < kReplicates; ++i)
    waits.push_back(Median(Drawn(all, random)) - out.busy_factor * Median(Drawn(service, random)));
  out.service_ms = out.busy_factor * Median(service);
  const WaitingVerdict verdict =
      JudgeWaiting({.clients = options.clients,
                    .service_ms = out.service_ms,
                    .latency_ms = out.latency_ms,
                    .throughput = out.rate_per_second,
                    .in_flight = out.little * options.clients,
                    .cpu_ms_per_request = loaded_cpu,
                    .cores = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN))});
  out.waiting_ms = verdict.waiting_ms;
  out.at_a_time = verdict.at_a_time;
  out.findings = verdict.findings;
  out.low = std::max(0.0, Quantile(waits, 0.025)), out.high = std::max(0.0, Quantile(waits, 0.975));
  if (!verdict.refusals.empty())
    out.refusal = verdict.refusals.front();
  else if (std::abs(out.little - 1) > kLittle)
    out.refusal = Finding(
        "littles-law-broken",
        fmt::format(
            "Little's law is off by {:.0f} %: {:.1f} in flight of {} clients; the client does "
            "not keep them all asking, or too few answers came",
            100 * (out.little - 1), out.little * options.clients, options.clients));
  else if (out.answers < 3 * options.clients)
    out.refusal = Finding("too-few-answers", fmt::format("only {} answers from {} clients",
                                                         out.answers, options.clients));
  else if (out.failures > 0)
    out.refusal =
        Finding("requests-failed", fmt::format("{} requests failed: {}", out.failures, error));
  return out;
}

std::string Describe(const Loaded& loaded) {
  std::string text = fmt::format(
      "with {} clients: {:.1f} ms, of which {:.1f} waiting ({:.1f} to {:.1f}) and {:.1f} service; "
      "{:.1f} "
      "answers/s, {:.1f} in flight by Little's law",
      loaded.clients, loaded.latency_ms, loaded.waiting_ms, loaded.low, loaded.high,
      loaded.service_ms, loaded.rate_per_second, loaded.little * loaded.clients);
  if (loaded.run_queue_ms > 0.02 * loaded.latency_ms)
    text += fmt::format("; {:.1f} ms of it ready without a processor", loaded.run_queue_ms);
  if (loaded.busy_factor > 1.03)
    text += fmt::format("; busy cores make the work {:.2f} times as long", loaded.busy_factor);
  for (const auto& finding : loaded.findings) text += "; " + finding.text;
  if (loaded.refusal) text += "; REFUSED: " + loaded.refusal->text;
  return text;
}

}  // namespace iiifbench
