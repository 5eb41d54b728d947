#include "harness/attribution/evidence/fresh_connection.h"

#include "harness/http/address.h"
#include "harness/http/client.h"
#include "harness/http/courtesy.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

double Ms(std::chrono::nanoseconds t) {
  return std::chrono::duration<double, std::milli>(t).count();
}

}  // namespace

Result<FreshConnection> AskFresh(const std::string& url, const std::vector<std::string>& headers,
                                 int times) {
  std::vector<double> connect, tls, first_byte, body, total;
  for (int i = 0; i < times; ++i) {
    Client client({.headers = headers, .keep_alive = false});
    const Exchange exchange = client.Get(url);
    if (exchange.status != 200)
      return Fail(ErrorKind::kIo, "{}: {} {} on a fresh connection", url, exchange.status,
                  exchange.error);
    connect.push_back(Ms(exchange.connect));
    tls.push_back(Ms(exchange.tls));
    first_byte.push_back(Ms(exchange.first_byte - exchange.due));
    body.push_back(Ms(exchange.done - exchange.first_byte));
    total.push_back(Ms(exchange.latency()));
  }
  return FreshConnection{Median(connect), Median(tls), Median(first_byte), Median(body),
                         Median(total)};
}

std::string FreshConnectionFinding(const std::string& path, const FreshConnection& fresh,
                                   double kept_ms, double kept_first_byte_ms) {
  const double more = fresh.total_ms - kept_ms;
  if (more < 2 || more < 0.2 * kept_ms) return {};
  const double before = fresh.first_byte_ms - kept_first_byte_ms - fresh.connect_ms - fresh.tls_ms;
  const double after = fresh.body_ms - (kept_ms - kept_first_byte_ms);
  return fmt::format(
      "{}: a fresh connection costs {:.1f} ms more than a kept one: connect {:.1f}, TLS {:.1f}, "
      "other "
      "waiting for "
      "the first byte {:.1f} (round trips, or the server's accepting), slower body {:.1f} (slow "
      "start); keep "
      "connections open",
      path, more, fresh.connect_ms, fresh.tls_ms, before, after);
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
      observed.findings.push_back(fresh.error().message);
      continue;
    }
    observed.methods[c.probe.path]["fresh"] = {{"connect", {fresh->connect_ms}},
                                               {"tls", {fresh->tls_ms}},
                                               {"first-byte", {fresh->first_byte_ms}},
                                               {"body", {fresh->body_ms}},
                                               {"total", {fresh->total_ms}}};
    const std::string words =
        FreshConnectionFinding(c.probe.path, *fresh, kept, Median(c.first_byte_ms));
    if (!words.empty()) observed.findings.push_back(words);
  }
}

}  // namespace iiifbench
