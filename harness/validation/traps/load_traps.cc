// Traps of load: figures of many clients that are read as a server's cost, or a client's pace read
// as its limit.
#include <unistd.h>

#include <thread>

#include "harness/load/generator/load_point.h"
#include "harness/load/generator/waiting.h"
#include "harness/servers/launch/process_usage.h"
#include "harness/validation/traps/scenes.h"

namespace iiifbench {
namespace {

using std::chrono::milliseconds;

constexpr const char* kPath = "/256,512,256,256/256,/0/default.jpg";

struct Loop {
  LoadOutcome outcome;
  LoadPoint point;
};

// A closed loop of our own client for `time`.
Loop Run(const Setting& setting, int clients, milliseconds time,
         milliseconds timeout = milliseconds(10'000)) {
  const ProcessUsage before = ProcessUsage::Of(setting.server->ProcessIds());
  const LoadRun run = Generate(
      {.next = [&]() -> std::optional<LoadRequest> {
         return LoadRequest{.url = setting.url + kPath, .request_class = "tile", .path = kPath + 1};
       },
       .clients = clients,
       .duration = time,
       .timeout = timeout});
  const ProcessUsage after = ProcessUsage::Of(setting.server->ProcessIds());
  Loop loop{.point = Summarise(run, ConnectionPolicy::kReuse)};
  const auto asked = static_cast<double>(std::max<size_t>(1, run.samples.size()));
  loop.outcome = {.clients = clients,
                  .latency_ms = loop.point.little_ms,
                  .throughput = loop.point.throughput,
                  .in_flight = loop.point.in_flight,
                  .cpu_ms_per_request = (after.on_cpu_ms - before.on_cpu_ms) / asked,
                  .cores = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN))};
  return loop;
}

Said Judged(std::span<const Finding> findings, std::initializer_list<FindingName> names,
            TrapVerdict verdict, std::string naive) {
  Said said = Named(findings, names);
  if (said.verdict == TrapVerdict::kCaught) said.verdict = verdict;
  said.naive = std::move(naive);
  return said;
}

Result<Said> OneWorker(Scenes& scenes) {
  auto setting = scenes.Start({.faults = {{"delay_ms", {{"overhead", 8}}}}}, 1);
  if (!setting) return setting.error();
  const Loop alone = Run(*setting, 1, milliseconds(700));
  Loop ten = Run(*setting, 10, milliseconds(1500));
  ten.outcome.service_ms = alone.outcome.latency_ms;
  return Judged(JudgeWaiting(ten.outcome).findings,
                {"requests-wait", "workers-are-the-limit", "machine-is-the-limit"},
                TrapVerdict::kCaught,
                fmt::format("a tile takes {:.1f} ms: slow decoding", ten.outcome.latency_ms));
}

// What many a script does: ask, wait for the answer, pause, ask again.
Result<Said> PacedClient(Scenes& scenes) {
  auto setting = scenes.Start({.faults = {{"delay_ms", {{"overhead", 4}}}}}, 4);
  if (!setting) return setting.error();
  std::vector<Exchange> mine[2];
  {
    std::vector<std::thread> clients;
    for (auto& exchanges : mine) {
      clients.emplace_back([&exchanges, &setting] {
        Client client;
        auto due = std::chrono::steady_clock::now();
        for (int i = 0; i < 30; ++i) {
          std::this_thread::sleep_until(due);
          exchanges.push_back(client.Get(setting->url + kPath));
          due = std::chrono::steady_clock::now() + milliseconds(25);
        }
      });
    }
    for (auto& client : clients) client.join();
  }
  std::vector<Exchange> all = mine[0];
  all.insert(all.end(), mine[1].begin(), mine[1].end());
  const LoadOutcome paced = OutcomeOf(all, 2);
  const Loop busy = Run(*setting, 2, milliseconds(700));
  return Judged(
      JudgeWaiting(paced).refusals, {"client-paces-itself"}, TrapVerdict::kRefused,
      fmt::format("2 clients: the server does {:.0f} per second (without pauses it does {:.0f})",
                  paced.throughput, busy.outcome.throughput));
}

Result<Said> TimeOuts(Scenes& scenes) {
  auto setting = scenes.Start({.faults = {{"answer", "hang"}, {"spoil_every", 5}}}, 8);
  if (!setting) return setting.error();
  const Loop loop = Run(*setting, 2, milliseconds(2500), milliseconds(250));
  return Judged(loop.point.not_reportable, {"requests-failed"}, TrapVerdict::kRefused,
                fmt::format("the successes have a median of {:.1f} ms", loop.point.median_ms()));
}

}  // namespace

void AddLoadTraps(std::vector<Trap>& traps) {
  traps.push_back({'F', "one worker, ten clients",
                   "a worker that waits 8 ms for a script, clients without pauses", OneWorker});
  traps.push_back({'S', "time-outs among the successes",
                   "every 5th answer hangs beyond the client's 250 ms", TimeOuts});
  traps.push_back(
      {'T', "a client that paces itself", "2 clients pause 25 ms after each answer", PacedClient});
}

}  // namespace iiifbench
