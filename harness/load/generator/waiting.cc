#include "harness/load/generator/waiting.h"

#include <algorithm>

#include "harness/stats/milliseconds.h"
#include "kernels/image/result.h"

namespace iiifbench {
namespace {

constexpr double kBusyClients = 0.9;  // of the clients must wait for an answer
constexpr double kMatters = 0.3;      // of the latency

}  // namespace

WaitingVerdict JudgeWaiting(const LoadOutcome& o) {
  WaitingVerdict verdict;
  if (o.throughput <= 0 || o.latency_ms <= 0) {
    verdict.refusals.push_back({"no-answers", "no answers: nothing can be said about waiting"});
    return verdict;
  }
  if (o.in_flight < kBusyClients * o.clients) {
    verdict.refusals.push_back(
        {"client-paces-itself",
         fmt::format(
             "the client paces itself: {:.2f} of its {} clients waited for an answer on average "
             "({:.1f} per second x "
             "{:.1f} ms); {:.1f} per second is the client's pace, not what the server can do: send "
             "without pauses, or "
             "at a rate",
             o.in_flight, o.clients, o.throughput, o.latency_ms, o.throughput)});
    return verdict;
  }
  if (o.service_ms <= 0) return verdict;
  verdict.waiting_ms = std::max(0.0, o.latency_ms - o.service_ms);
  verdict.at_a_time = o.throughput * o.service_ms / 1e3;
  verdict.busy_cores = o.throughput * o.cpu_ms_per_request / 1e3;
  if (verdict.waiting_ms < kMatters * o.latency_ms) return verdict;
  FindingName name = "requests-wait";
  std::string why = "more is asked than it serves";
  if (o.cpu_ms_per_request > 0) {
    const bool cores_left = verdict.busy_cores < 0.8 * o.cores;
    name = cores_left ? FindingName("workers-are-the-limit") : FindingName("machine-is-the-limit");
    why = cores_left
              ? fmt::format(
                    "{:.1f} of {} cores are busy: workers or a lock are the limit, more workers "
                    "would help",
                    verdict.busy_cores, o.cores)
              : fmt::format(
                    "{:.1f} of {} cores are busy: the machine is the limit, more workers would "
                    "not help",
                    verdict.busy_cores, o.cores);
  }
  verdict.findings.push_back(
      {name,
       fmt::format(
           "{:.1f} ms of {:.1f} ms is waiting, service alone takes {:.1f} ms: {} clients, {:.1f} "
           "served at a time; {}",
           verdict.waiting_ms, o.latency_ms, o.service_ms, o.clients, verdict.at_a_time, why)});
  return verdict;
}

LoadOutcome OutcomeOf(std::span<const Exchange> exchanges, int clients) {
  IIIFBENCH_CHECK(!exchanges.empty(), "no exchange");
  auto first = exchanges.front().sent, last = exchanges.front().done;
  double sum = 0;
  for (const auto& exchange : exchanges) {
    first = std::min(first, exchange.sent), last = std::max(last, exchange.done);
    sum += MsOf(exchange.done - exchange.sent);
  }
  const double span = MsOf(last - first);
  const auto n = static_cast<double>(exchanges.size());
  return {.clients = clients,
          .latency_ms = sum / n,
          .throughput = span > 0 ? n / span * 1e3 : 0,
          .in_flight = span > 0 ? sum / span : 0};
}

}  // namespace iiifbench
