#include "harness/http/link_schedule.h"

#include <algorithm>

namespace iiifbench {

namespace {
// Bytes; what stays in memory per connection and direction.
constexpr int64_t kLargestWindow = int64_t{4} << 20;
}  // namespace

LinkTime LinkRate::Depart(LinkTime now, int64_t bytes) {
  if (bytes_per_second <= 0) return now;
  const double nanoseconds =
      1e9 * static_cast<double>(bytes) / static_cast<double>(bytes_per_second);
  free = std::max(free, now) + std::chrono::nanoseconds(static_cast<int64_t>(nanoseconds));
  return free;
}

int64_t LinkWindow::Allowed(LinkTime now) {
  while (!sent_.empty() && sent_.front().acknowledged <= now) {
    flying_ -= sent_.front().bytes;
    if (slow_start_) window_ = std::min(kLargestWindow, window_ + sent_.front().bytes);
    sent_.pop_front();
  }
  return (slow_start_ ? window_ : kLargestWindow) - flying_;
}

LinkTime LinkWindow::Send(LinkRate& wire, LinkTime now, int64_t bytes) {
  const LinkTime departed = wire.Depart(now, bytes);
  sent_.push_back({.acknowledged = departed + 2 * delay_, .bytes = bytes});
  flying_ += bytes;
  return departed + delay_;
}

LinkTime LinkWindow::NextAcknowledgement() const {
  return sent_.empty() ? LinkTime::max() : sent_.front().acknowledged;
}

}  // namespace iiifbench
