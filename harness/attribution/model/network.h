// network: what of a latency is the way there and back, by what was measured apart from the fit
// (observe/measure_network.h) and by the bodies' times on the wire.
//
// Of one answer of b bytes whose last byte came t after the first of its body:
//   network = round trip [+ connection] + max(min(r b, t + r min(b, P)), min(t, W)),
//   W = max(w, min(e, 4 w)), w = round trip * ceil(log2(1 + b / 14600)) + r b.
// r is the wire's time per byte, P = 16 kB what may have come before the body's first byte was
// seen. w is what slow start needs (RFC 5681, 3.1; ten segments at first, RFC 6928), e the least t
// of an answer with as many bytes: a wire that once brought more bytes sooner needs no longer for
// fewer. What t holds beyond W is the server's: it sends while it works. What comes before the
// body's first byte is the server's too, however early its head was. A connection that was not open
// yet adds its connect, at least one round trip (a relay accepts at once and hides it), and TLS.
// r: loopback's, or the wire's own where body times follow the bytes (WireOf). Units: milliseconds,
// megabytes of 10^6. Threads: any.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace iiifbench {

struct NetworkCost {
  double round_trip_ms = 0;
  double ms_per_mb = 0;  // of loopback: the least that a transfer costs
  // Of a fresh connection, no part of a kept one's answers: to the socket, and TLS' handshake (0:
  // none).
  double connect_ms = 0, tls_ms = 0;
  bool closes = false;  // the server keeps no connection open
  // By so much a kept connection's answers come later than a fresh one's; 0 where they do not.
  double kept_later_ms = 0;
};

// One answer on its way.
struct TimedTransfer {
  int64_t bytes = 0;
  double body_ms = 0;     // first byte of the body to the last
  bool fresh = false;     // on a connection that was opened for it
  double connect_ms = 0;  // of that connection, and its TLS
  double tls_ms = 0;
  double gap_ms = -1;  // from the end of the answer before it; -1: not known
};

struct Wire {
  double ms_per_mb = 0;                             // r
  bool limits = false;                              // r is the wire's own, not loopback's
  std::vector<std::pair<int64_t, double>> fastest;  // e: bytes, and the least t of so many or more
};

// From one typical answer of each request. The wire limits where t - r b is the same offset, to a
// tenth of t and half a millisecond, in most answers, and hardly one was faster: work does not
// follow the bytes of its result so closely. r is then the median of the slopes between any two
// answers (Theil and Sen).
Wire WireOf(const std::vector<TimedTransfer>& answers, const NetworkCost& cost);

double NetworkOf(const NetworkCost& cost, const Wire& wire, const TimedTransfer& transfer);

}  // namespace iiifbench
