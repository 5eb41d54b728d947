#include "harness/attribution/evidence/fresh_connection.h"

#include "harness/http/address.h"
#include "harness/http/client.h"
#include "harness/http/courtesy.h"
#include "harness/stats/milliseconds.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
Result<FreshConnection> AskFresh(const std::string& url, const std::vector<std::string>& headers,
                                 int times) {
  std::vector<double> connect, tls, first_byte, body, total;
  for (int i = 0; i < times; ++i) {
    Client client({.headers = headers, .keep_alive = false});
    const Exchange exchange = client.Get(url);
    if (exchange.status != 200)
      return Fail(ErrorKind::kIo, "{}: {} {} on a fresh connection", url, exchange.status,
                  exchange.error);
    connect.push_back(MsOf(exchange.connect));
    tls.push_back(MsOf(exchange.tls));
    first_byte.push_back(MsOf(exchange.first_byte - exchange.due));
    body.push_back(MsOf(exchange.done - exchange.first_byte));
    total.push_back(MsOf(exchange.latency()));
  }
  return FreshConnection{Median(connect), Median(tls), Median(first_byte), Median(body),
                         Median(total)};
}

std::optional<Finding> FreshConnectionFinding(const std::string& path, const FreshConnection& fresh,
                                              double kept_ms, double kept_first_byte_ms) {
  const double more = fresh.total_ms - kept_ms;
  if (more < 2 || more < 0.2 * kept_ms) return {};
  const double before = fresh.first_byte_ms - kept_first_byte_ms - fresh.connect_ms - fresh.tls_ms;
  const double after = fresh.body_ms - (kept_ms - kept_first_byte_ms);
  return Finding("fresh-connection-cost",
                 fmt::format("{}: a fresh connection costs {:.1f} ms more than a kept one: connect "
                             "{:.1f}, TLS {:.1f}, "
                             "other "
                             "waiting for "
                             "the first byte {:.1f} (round trips, or the server's accepting), "
                             "slower body {:.1f} (slow "
                             "start); keep "
                             "connections open",
                             path, more, fresh.connect_ms, fresh.tls_ms, before, after));
}

void CollectFreshConnections(const std::string& image_url, const std::vector<std::string>& headers,
                             const std::atomic<bool>* stop, Observed& observed) {
  for (const Case& c : observed.cases) {
    if (!c.held_out || c.samples_ms.empty()) continue;
    if (stop != nullptr && stop->load()) return;
    const double kept = Median(c.samples_ms);
    if (NothingMoreIsSent()) return;
    auto fresh = AskFresh(Below(image_url, c.probe.path), headers, kept > 300 ? 1 : 3);
    if (!fresh) {
      if (NothingMoreIsSent()) return;
      observed.findings.push_back({"no-fresh-connection", fresh.error().message});
      continue;
    }
    observed.methods[c.probe.path]["fresh"] = {{OtherPart::kConnect, {fresh->connect_ms}},
                                               {OtherPart::kTls, {fresh->tls_ms}},
                                               {OtherPart::kFirstByte, {fresh->first_byte_ms}},
                                               {OtherPart::kBody, {fresh->body_ms}},
                                               {OtherPart::kTotal, {fresh->total_ms}}};
    if (auto found = FreshConnectionFinding(c.probe.path, *fresh, kept, Median(c.first_byte_ms)))
      observed.findings.push_back(std::move(*found));
  }
}

}  // namespace iiifbench
