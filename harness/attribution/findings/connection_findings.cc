#include "harness/attribution/findings/connection_findings.h"

#include <algorithm>

namespace iiifbench {
namespace {

constexpr double kEach = 0.9;   // of the answers: then it is after each
constexpr double kSome = 0.05;  // fewer are chance
constexpr int kOwnFresh = 3;    // connections that we open ourselves

void FindFailures(const Observed& observed, Attribution& out) {
  if (observed.failures.empty()) return;
  int failed = 0;
  std::string kinds;
  for (const auto& [kind, count] : observed.failures) {
    failed += count;
    kinds += fmt::format("{}{} {} time{}", kinds.empty() ? "" : ", ", kind, count,
                         count == 1 ? "" : "s");
  }
  // First of all: the others stand on what is left.
  out.findings.insert(
      out.findings.begin(),
      {"requests-failed", fmt::format("{} of {} requests failed: {}. They are no samples; what was "
                                      "answered rightly before and "
                                      "after is kept. Look into the log of the server, or of the "
                                      "gateway before it, at that time",
                                      failed, observed.exchanges, kinds)});
}

void FindClosing(const Observed& observed, Attribution& out) {
  const int answered = observed.exchanges;
  if (observed.fresh_connections <= std::max<double>(kOwnFresh, kSome * answered)) return;
  const NetworkCost& network = observed.network;
  const double connect = std::max(network.connect_ms, network.round_trip_ms);
  const bool each = observed.fresh_connections >= kEach * answered;
  const std::string tls =
      network.tls_ms > 0 ? fmt::format(" and {:.1f} ms for TLS", network.tls_ms) : std::string();
  out.findings.push_back(
      {"server-closes-connections",
       fmt::format("the server closes connections after {} ({} of {} requests needed a new one{}): "
                   "each new one "
                   "pays {:.1f} ms to connect{}, which stand under network. Turn keep-alive on in "
                   "the server "
                   "and "
                   "in every proxy before it, and a kept connection pays neither",
                   each ? "each answer" : "some answers", observed.fresh_connections, answered,
                   observed.closing > 0
                       ? fmt::format("; {} answers said \"Connection: close\"", observed.closing)
                       : std::string(),
                   connect, tls)});
}

void FindSlowWire(const Observed& observed, Attribution& out) {
  const Wire& wire = observed.wire;
  if (!wire.limits) return;
  const Case* largest = nullptr;
  for (const Case& c : observed.cases) {
    if (!c.held_out || c.transfers.empty()) continue;
    if (largest == nullptr || c.transfers.back().bytes > largest->transfers.back().bytes)
      largest = &c;
  }
  if (largest == nullptr) return;
  const double megabytes = static_cast<double>(largest->transfers.back().bytes) / 1e6;
  out.findings.push_back(
      {"slow-link",
       fmt::format("the way carries about {:.1f} Mbit/s: bodies arrive at that rate whatever the "
                   "server had to "
                   "do for them, so that the {:.0f} kB of {} take {:.1f} ms of network (a slow "
                   "link, or a limit "
                   "of the rate). Fewer bytes help there: smaller sizes, or a lower quality",
                   8000 / wire.ms_per_mb, 1000 * megabytes, largest->probe.path,
                   wire.ms_per_mb * megabytes)});
}

}  // namespace

void AddConnectionFindings(const Observed& observed, Attribution& out) {
  FindFailures(observed, out);
  FindClosing(observed, out);
  FindSlowWire(observed, out);
}

}  // namespace iiifbench
