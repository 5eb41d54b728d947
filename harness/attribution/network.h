// network: what of a latency is the way there and back, measured apart from the fit.
//
// Round trip: the median time of connect() on fresh connections, or, where that is more than 5 ms
// longer, by how much a fresh connection's answer is later than a kept one's. Transfer: on
// loopback, the slope of a body of 8 MB against one of 1 kB from a server of our own that holds
// them in memory; on a real link the body's own time on the wire (done - first byte) counts,
// because windows and slow start have no constant rate. Units: milliseconds, megabytes of 10^6.
#pragma once

#include <string>
#include <vector>

#include "harness/http/client.h"
#include "kernels/image/result.h"

namespace iiifbench {

struct NetworkCost {
  double round_trip_ms = 0;
  double ms_per_mb = 0;  // of loopback; unused where `link`
  // Of a fresh connection, no part of a kept one's answers: to the socket, and TLS' handshake (0:
  // none).
  double connect_ms = 0, tls_ms = 0;
  bool link = false;  // more than loopback: a round trip above 2 ms

  // Of one exchange: its bytes, and its time from the first byte to the last.
  double Of(int64_t bytes, double body_ms) const;
};
// What to do where a transfer failed because a certificate is not trusted; else empty.
std::string TrustAdvice(const Exchange& exchange);
Result<NetworkCost> MeasureNetwork(const std::string& url, const std::vector<std::string>& headers);

}  // namespace iiifbench
