// More workers, for several clients at once.
#include <algorithm>
#include <atomic>
#include <thread>

#include "harness/attribution/what_if/experiment.h"
#include "harness/stats/milliseconds.h"
#include "harness/stats/quantile.h"
#include "kernels/iiif/render.h"

namespace iiifbench {
namespace {

// How much longer our kernels take for the request while another core does the same; empty where
// nothing is known. Alone and busy in turn, so that both see the same machine.
std::vector<double> BusyFactors(const Case& c, const Hypothesis& hypothesis) {
  auto plan = PlanOf(c, hypothesis);
  if (!plan) return {};
  plan->settings.encode = c.answer.options;
  struct Worker {
    Renderer renderer;
    Rendered out;
  };
  auto render = [&](Worker& worker) {
    const auto start = std::chrono::steady_clock::now();
    auto source = Source::Open(c.file);
    const bool done = source && worker.renderer.Render(**source, *plan, worker.out);
    const auto end = std::chrono::steady_clock::now();
    return done ? MsOf(end - start) : -1.0;
  };
  Worker mine, others;
  if (render(mine) <= 0 || render(others) <= 0) return {};
  std::vector<double> factors;
  double spent = 0;
  for (int round = 0; round < 15 && (round < 3 || spent < 900); ++round) {
    const double alone = render(mine);
    std::atomic<bool> begun{false}, ended{false};
    std::thread other([&] {
      begun = true;
      while (!ended) render(others);
    });
    while (!begun) std::this_thread::yield();
    const double busy = render(mine);
    ended = true;
    other.join();
    if (alone > 0 && busy > 0) factors.push_back(busy / alone);
    spent += alone + 2 * busy;
  }
  return factors;
}

// Processor time of all the server's processes and threads; 0: not seen.
double ProcessorMs(const Observed& observed, const HeldOutRequest& request) {
  const auto found = observed.process.find(request.now.probe.path);
  if (found == observed.process.end() || found->second.empty()) return 0;
  std::vector<double> on_cpu;
  for (const ProcessUsage& usage : found->second) on_cpu.push_back(usage.on_cpu_ms);
  return Median(on_cpu);
}

}  // namespace

// Two clients at once: with one worker they wait for each other, with two they do not. A request
// then takes what it takes a single client, server and front end and client together, times what a
// busy neighbour costs.
Tried TryMoreWorkers(Experiment& experiment) {
  Tried out;
  const std::string kind = "more workers";
  if (experiment.options.settings.workers != 1)
    return out.Not(kind, "the server has more than one already");
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (cores < 2)
    return out.Not(kind, "this machine has one core: a second worker would wait for it");
  if (Stopped(experiment)) return out;
  const std::string words = "two workers instead of one, at two clients";
  Say(experiment, words);
  auto other = Another(experiment, "workers", [](ServerSettings& s) { s.workers = 2; });
  if (!other) return out.Not(kind, fmt::format("{}: not tried: {}", words, other.error().message));
  Warm(experiment, **other);
  bool any = false;
  for (const HeldOutRequest& request : experiment.requests) {
    // Below, the front end and the client weigh as much as the server.
    if (request.usual_ms < 5 || Stopped(experiment)) continue;
    any = true;
    auto closed_loop = [&](const std::string& url, std::vector<double>& latencies) {
      std::vector<double> both[2];
      std::vector<std::thread> clients;
      for (auto& mine : both) {
        clients.emplace_back([&, url] {
          Client client({.headers = experiment.options.running->headers});
          const auto start = std::chrono::steady_clock::now();
          while (mine.size() < 3 ||
                 std::chrono::steady_clock::now() - start < experiment.options.budget / 2)
            mine.push_back(MsOf(client.Get(url).latency()));
        });
      }
      for (auto& client : clients) client.join();
      // The first of each finds the server idle.
      for (const auto& mine : both) latencies.insert(latencies.end(), mine.begin() + 1, mine.end());
    };
    const std::string url = UrlOf(*experiment.options.running, FileName(experiment),
                                  request.now.probe.path),
                      new_url = UrlOf(**other, FileName(experiment), request.now.probe.path);
    std::vector<double> before, after;
    closed_loop(url, before);
    const auto factors = BusyFactors(request.now, experiment.model.hypothesis);
    if (factors.empty()) continue;
    const double alone = BaselineNow(experiment, request).latency_ms;
    const double busy = std::max(1.0, Median(factors)),
                 most = std::max(busy, Quantile(factors, 0.9));
    for (int i = 0; i < 2; ++i) closed_loop(new_url, after), closed_loop(url, before);
    const double now = Median(before);
    const double work = ProcessorMs(experiment.observed, request) * alone / request.usual_ms;
    const Prediction predicted = PredictTwoWorkers({.now_ms = now,
                                                    .alone_ms = alone,
                                                    .busy = busy,
                                                    .most = most,
                                                    .processor_ms = work,
                                                    .cores = cores});
    out.what_ifs.push_back({.path = request.now.probe.path,
                            .change = words,
                            .kind = kind,
                            .saves_ms = predicted.saves_ms,
                            .low = predicted.low,
                            .high = predicted.high,
                            .tried_saves_ms = now - Median(after),
                            .tried_before_ms = now,
                            .tried_after_ms = Median(after),
                            .under_load = true});
  }
  if (!any)
    out.Not(kind, "no request takes 5 ms: front end and client weigh as much as the server");
  return out;
}

}  // namespace iiifbench
