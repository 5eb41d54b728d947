#include "harness/attribution/observe/measure_network.h"

#include <httplib.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "harness/attribution/observe/half_close.h"
#include "harness/http/courtesy.h"
#include "harness/stats/milliseconds.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

constexpr double kSlowToClose = 20;  // ms beyond what a round trip can be

double LoopbackPerMegabyte() {
  httplib::Server server;
  const std::string large(8'000'000, 'x'), small(1000, 'x');
  server.set_tcp_nodelay(true);
  server.Get("/large", [&](const httplib::Request&, httplib::Response& r) {
    r.set_content(large, "text/plain");
  });
  server.Get("/small", [&](const httplib::Request&, httplib::Response& r) {
    r.set_content(small, "text/plain");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  if (port <= 0) return 0;
  std::thread thread([&] { server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::yield();
  std::vector<double> slopes;
  {
    Client client;
    const std::string root = fmt::format("http://127.0.0.1:{}", port);
    for (int i = 0; i < 9; ++i) {
      // Of ourselves, who are asked at any pace.
      const auto ask = [&](const char* path) {
        return MsOf(client.Get(root + path, std::chrono::steady_clock::now()).latency());
      };
      const double one = ask("/large"), other = ask("/small");
      if (i > 1) slopes.push_back((one - other) / 7.999);
    }
  }
  server.stop();
  thread.join();
  return std::max(0.0, Median(slopes));
}

}  // namespace

std::string TrustAdvice(const Exchange& exchange) {
  if (exchange.error.find("certificate") == std::string::npos &&
      exchange.error.find("CA cert") == std::string::npos)
    return {};
  return ": the server's certificate is none that is trusted here; name the authority that signed "
         "it with "
         "--ca-file FILE or IIIFBENCH_CA_FILE (it is never left unchecked)";
}

Result<NetworkCost> MeasureNetwork(const std::string& url, const std::vector<std::string>& headers,
                                   std::chrono::duration<double> budget) {
  const auto start = std::chrono::steady_clock::now();
  NetworkCost cost;
  std::vector<double> connects, fresh, kept, handshakes, later_by;
  int not_kept = 0;
  // A connection's first answer and its second, one connection after another: a server may have a
  // single worker. A virtual machine that is getting faster makes each answer earlier than the one
  // before, so that a fresh one is compared with the kept ones before and after it.
  for (int i = 0; i < 6; ++i) {
    // One connection there must be; a server that takes seconds is asked no more.
    if (i > 0 && std::chrono::steady_clock::now() - start > budget) break;
    Client client({.headers = headers});
    const Exchange first = client.Get(url);
    if (!first.error.empty()) {
      if (first.failure == kNotSent) break;
      if (i > 0) continue;  // what answered once fails now and then
      return Fail(ErrorKind::kIo, "{}: {}{}", url, first.error, TrustAdvice(first));
    }
    connects.push_back(MsOf(first.connect));
    fresh.push_back(MsOf(first.latency()));
    handshakes.push_back(MsOf(first.tls));
    if (!kept.empty()) later_by.push_back(fresh.back() - kept.back());
    const Exchange second = client.Get(url);
    if (!second.error.empty()) continue;
    if (!second.reused) {
      ++not_kept;
      continue;
    }
    kept.push_back(MsOf(second.latency()));
    later_by.push_back(fresh.back() - kept.back());
  }
  if (connects.empty()) return cost;
  cost.closes = kept.empty() && not_kept > 0;
  // All of them, or it is chance.
  if (later_by.size() >= 4 && std::ranges::max(later_by) < 0)
    cost.kept_later_ms = -Median(later_by);
  cost.connect_ms = Median(connects);
  cost.tls_ms = Median(handshakes);
  const double tls = std::ranges::min(handshakes);
  // No round trip is longer than half an answer on a fresh connection, a kept one's answer, or
  // TLS' handshake (RFC 8446, 2).
  double most = std::ranges::min(fresh) / 2;
  if (!kept.empty()) most = std::min(most, std::ranges::min(kept));
  if (tls > 0) most = std::min(most, tls);
  std::optional<double> ended;
  for (int i = 0; i < 5; ++i) {
    // Later than an answer it says nothing.
    const auto once = HalfCloseRoundTripMs(url, 2 * most + kSlowToClose);
    if (!once) break;
    ended = std::min(*once, ended.value_or(*once));
  }
  // The least of each: a link delays all of them, a busy machine some.
  const double later =
      kept.empty() ? 0
                   : std::min(Median(later_by), std::ranges::min(fresh) - std::ranges::min(kept));
  const double unsure =
      kept.empty() ? 0 : (Quantile(later_by, 0.75) - Quantile(later_by, 0.25)) / 2;
  double round_trip = 0;
  if (ended) {
    round_trip = *ended;
    if (!kept.empty() && tls == 0) round_trip = std::min(round_trip, std::max(0.0, later) + unsure);
  } else if (tls > 0) {
    round_trip = tls / 2;  // of two at most (TLS 1.2)
  } else if (later > unsure) {
    round_trip = later;
  }
  cost.round_trip_ms = std::min(most, std::max(cost.connect_ms, round_trip));
  cost.ms_per_mb = LoopbackPerMegabyte();
  return cost;
}

}  // namespace iiifbench
