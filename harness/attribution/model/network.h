// network: what of a latency is the way there and back, as it was measured apart from the fit
// (observe/measure_network.h).
//
// Units: milliseconds, megabytes of 10^6.
#pragma once

#include <cstdint>

namespace iiifbench {

struct NetworkCost {
  double round_trip_ms = 0;
  double ms_per_mb = 0;  // of loopback; unused where `link`
  // Of a fresh connection, no part of a kept one's answers: to the socket, and TLS' handshake (0:
  // none).
  double connect_ms = 0, tls_ms = 0;
  bool link = false;  // more than loopback: a round trip above 2 ms

  // Of one exchange: its bytes, and its time from the first byte to the last.
  double Of(int64_t bytes, double body_ms) const {
    return round_trip_ms + (link ? body_ms : ms_per_mb * static_cast<double>(bytes) / 1e6);
  }
};

}  // namespace iiifbench
