#include "harness/attribution/observe/measure_network.h"

#include <httplib.h>

#include <algorithm>
#include <thread>

#include "harness/attribution/model/milliseconds.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

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
      const double one = Milliseconds(client.Get(root + "/large").latency()),
                   other = Milliseconds(client.Get(root + "/small").latency());
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

Result<NetworkCost> MeasureNetwork(const std::string& url,
                                   const std::vector<std::string>& headers) {
  NetworkCost cost;
  std::vector<double> connects, fresh, handshakes, reused, later_by;
  // A relay on the way accepts at once and hides the round trip from connect(); a fresh
  // connection's answer is late all the same. Both in turn, each first as often as the other: a
  // virtual machine that was getting faster from one to the next was taken for a link of 13 ms.
  Client kept({.headers = headers});
  kept.Get(url);
  for (int i = 0; i < 6; ++i) {
    for (const bool anew : {i % 2 == 0, i % 2 != 0}) {
      if (!anew) {
        reused.push_back(Milliseconds(kept.Get(url).latency()));
        continue;
      }
      Client client({.headers = headers, .keep_alive = false});
      const Exchange exchange = client.Get(url);
      if (!exchange.error.empty())
        return Fail(ErrorKind::kIo, "{}: {}{}", url, exchange.error, TrustAdvice(exchange));
      connects.push_back(Milliseconds(exchange.connect));
      fresh.push_back(Milliseconds(exchange.latency()));
      handshakes.push_back(Milliseconds(exchange.tls));
    }
    later_by.push_back(fresh.back() - reused.back());
  }
  // The least of each: a link delays all of them, a busy machine some.
  double later = std::min(Median(later_by), std::ranges::min(fresh) - std::ranges::min(reused));
  // With TLS the handshake bears that round trip, and one of its own (RFC 8446, 2).
  if (const double tls = std::ranges::min(handshakes); tls > 0)
    later = std::min(tls / 2, std::ranges::min(reused));
  cost.round_trip_ms = later > 5 ? std::max(Median(connects), later) : Median(connects);
  cost.connect_ms = Median(connects);
  cost.tls_ms = Median(handshakes);
  cost.link = cost.round_trip_ms > 2;
  if (!cost.link) cost.ms_per_mb = LoopbackPerMegabyte();
  return cost;
}

}  // namespace iiifbench
