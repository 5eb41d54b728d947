#include "harness/attribution/model/network.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

constexpr double kFirstPiece = 16e3;              // bytes
constexpr double kFirstWindow = 10 * 1460;        // bytes
constexpr double kMostWindows = 4;                // times what slow start needs: losses
constexpr double kAsFast = 0.1, kAsFastMs = 0.5;  // of a body's time
constexpr size_t kLeastAnswers = 6;
constexpr double kMostOn = 0.6, kMostBelow = 0.1;  // shares of the answers
constexpr double kAboveLoopback = 3;

double Megabytes(const TimedTransfer& t) { return static_cast<double>(t.bytes) / 1e6; }

// Where t does not follow b: 0.
double OwnRate(const std::vector<TimedTransfer>& answers) {
  if (answers.size() < kLeastAnswers) return 0;
  std::vector<double> slopes;
  for (const auto& one : answers) {
    for (const auto& other : answers) {
      if (static_cast<double>(other.bytes - one.bytes) > kFirstPiece)
        slopes.push_back((other.body_ms - one.body_ms) / (Megabytes(other) - Megabytes(one)));
    }
  }
  if (slopes.size() < kLeastAnswers) return 0;
  const double rate = Median(slopes);
  if (rate <= 0) return 0;
  // Only answers that lasted say what the rate is.
  std::vector<double> offsets, lasted;
  for (const auto& t : answers) {
    if (static_cast<double>(t.bytes) < 2 * kFirstPiece) continue;
    offsets.push_back(t.body_ms - rate * Megabytes(t));
    lasted.push_back(t.body_ms);
  }
  if (offsets.size() < kLeastAnswers) return 0;
  const double offset = Median(offsets);
  size_t on = 0, below = 0;
  for (size_t i = 0; i < offsets.size(); ++i) {
    const double off = offsets[i] - offset, allowed = kAsFast * lasted[i] + kAsFastMs;
    on += std::abs(off) <= allowed ? 1 : 0;
    below += off < -allowed ? 1 : 0;
  }
  const auto count = static_cast<double>(offsets.size());
  return static_cast<double>(on) >= kMostOn * count &&
                 static_cast<double>(below) <= kMostBelow * count
             ? rate
             : 0;
}

double FastestOf(const Wire& wire, const TimedTransfer& transfer) {
  const auto found = std::ranges::lower_bound(wire.fastest, transfer.bytes, {},
                                              &std::pair<int64_t, double>::first);
  return found == wire.fastest.end() ? transfer.body_ms : std::min(transfer.body_ms, found->second);
}

}  // namespace

Wire WireOf(const std::vector<TimedTransfer>& answers, const NetworkCost& cost) {
  Wire wire{.ms_per_mb = cost.ms_per_mb};
  const double own = OwnRate(answers);
  if (own > kAboveLoopback * cost.ms_per_mb) wire.ms_per_mb = own, wire.limits = true;
  for (const auto& t : answers) wire.fastest.emplace_back(t.bytes, t.body_ms);
  std::ranges::sort(wire.fastest);
  for (size_t i = wire.fastest.size(); i > 1; --i)
    wire.fastest[i - 2].second = std::min(wire.fastest[i - 2].second, wire.fastest[i - 1].second);
  return wire;
}

double NetworkOf(const NetworkCost& cost, const Wire& wire, const TimedTransfer& transfer) {
  const auto bytes = static_cast<double>(transfer.bytes);
  const double at_rate = wire.ms_per_mb * bytes / 1e6;
  const double windows =
      cost.round_trip_ms * std::ceil(std::log2(1 + bytes / kFirstWindow)) + at_rate;
  const double most =
      std::max(windows, std::min(FastestOf(wire, transfer), kMostWindows * windows));
  const double before_seen = wire.ms_per_mb * std::min(bytes, kFirstPiece) / 1e6;
  const double carried =
      std::max(std::min(at_rate, transfer.body_ms + before_seen), std::min(transfer.body_ms, most));
  const double connection =
      transfer.fresh ? std::max(transfer.connect_ms, cost.round_trip_ms) + transfer.tls_ms : 0;
  return cost.round_trip_ms + connection + carried;
}

}  // namespace iiifbench
