// link_schedule: when bytes that enter a link leave it: the arithmetic of link_proxy, without
// sockets.
//
// Formula: a piece of n bytes that enters at t departs at d = max(t, free) + n / rate, after which
// free = d: a token bucket of depth zero, shared by all connections of one direction. It arrives at
// d + one_way_delay, and its acknowledgement is back at d + 2 one_way_delay. Slow start (RFC
// 5681, 3.1): a fresh connection may have 10 segments unacknowledged (RFC 6928); each
// acknowledgement opens the window by what it acknowledges. No loss is modelled, so the window only
// grows. A connection's first piece enters one round trip after it was accepted, because the kernel
// completes a handshake on loopback at once. Units: std::chrono::nanoseconds, bytes. Threads: none;
// instants are given.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace iiifbench {

using LinkTime = std::chrono::steady_clock::time_point;

// One direction of the wire.
struct LinkRate {
  int64_t bytes_per_second = 0;  // 0: unlimited
  LinkTime free{};

  LinkTime Depart(LinkTime now, int64_t bytes);
};

// One connection in one direction.
class LinkWindow {
 public:
  LinkWindow(std::chrono::nanoseconds one_way_delay, bool slow_start)
      : delay_(one_way_delay), slow_start_(slow_start) {}
  // Bytes that may enter at `now`.
  int64_t Allowed(LinkTime now);
  // Sends a piece over the wire; the instant of its arrival. CHECKs nothing: a caller asks Allowed
  // first.
  LinkTime Send(LinkRate& wire, LinkTime now, int64_t bytes);
  // When Allowed grows next; the largest time when nothing is unacknowledged.
  LinkTime NextAcknowledgement() const;

 private:
  struct Unacknowledged {
    LinkTime acknowledged;
    int64_t bytes;
  };
  std::chrono::nanoseconds delay_;
  bool slow_start_;
  int64_t window_ = 10 * 1460;
  int64_t flying_ = 0;
  std::deque<Unacknowledged> sent_;
};

}  // namespace iiifbench
