#include "harness/attribution/findings/gateway_findings.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

// Of a line through latencies over the gaps before them.
struct Line {
  double slope = 0, correlation = 0;
};

Line LineThrough(const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<double>(x.size());
  double mx = 0, my = 0;
  for (size_t i = 0; i < x.size(); ++i) mx += x[i] / n, my += y[i] / n;
  double xx = 0, xy = 0, yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    xy += (x[i] - mx) * (y[i] - my);
    yy += (y[i] - my) * (y[i] - my);
  }
  if (xx <= 0 || yy <= 0) return {};
  return {.slope = xy / xx, .correlation = xy / std::sqrt(xx * yy)};
}

void FindPacing(const Observed& observed, Attribution& out) {
  constexpr size_t kLeastAnswers = 20;
  constexpr double kSlope = 0.15;        // from -1
  constexpr double kCorrelation = -0.9;  // work that varies spoils it
  constexpr double kLeastGapMs = 2;      // gaps vary by so much, or tell nothing
  std::vector<double> gaps, latencies, intervals;
  for (const Case& c : observed.cases) {
    for (size_t i = 0; i < std::min(c.transfers.size(), c.samples_ms.size()); ++i) {
      const double gap = c.transfers[i].gap_ms;
      if (gap >= 0) intervals.push_back(gap + c.samples_ms[i]);
    }
  }
  if (intervals.size() < kLeastAnswers) return;
  const double interval = Median(intervals);
  for (const Case& c : observed.cases) {
    for (size_t i = 0; i < std::min(c.transfers.size(), c.samples_ms.size()); ++i) {
      // After a longer gap there was nothing to wait for.
      const double gap = c.transfers[i].gap_ms;
      if (gap >= 0 && gap < 0.9 * interval)
        gaps.push_back(gap), latencies.push_back(c.samples_ms[i]);
    }
  }
  if (gaps.size() < kLeastAnswers || Quantile(gaps, 0.9) - Quantile(gaps, 0.1) < kLeastGapMs)
    return;
  const Line line = LineThrough(gaps, latencies);
  if (std::abs(line.slope + 1) > kSlope || line.correlation > kCorrelation) return;
  out.refusals.push_back(
      {"answers-are-paced",
       fmt::format("answers come {:.0f} ms after the one before, whatever is asked: a gateway "
                   "delays them to {:.1f} a second. Their latencies say nothing of the server's "
                   "work. Raise its limit for this client, or ask the server behind it",
                   interval, 1000 / interval)});
}

void FindTwoSpeeds(const Observed& observed, Attribution& out) {
  constexpr size_t kLeastAnswers = 24, kLeastOfCase = 3;
  constexpr double kLeastShare = 0.2;  // of the answers in each group; fewer are pauses
  constexpr double kLeastRatio = 1.25;
  constexpr double kMostSpread = 0.35;  // of a group, beside the groups' distance
  std::vector<double> times_slower;     // logarithms
  for (const Case& c : observed.cases) {
    if (c.probe.info || c.samples_ms.size() < kLeastOfCase) continue;
    const double least = std::ranges::min(c.samples_ms);
    if (least <= 0) continue;
    // The fastest itself is left out once: it is 0 whatever the server does.
    bool left_out = false;
    for (const double ms : c.samples_ms) {
      if (ms == least && !left_out) {
        left_out = true;
        continue;
      }
      times_slower.push_back(std::log(ms / least));
    }
  }
  if (times_slower.size() < kLeastAnswers) return;
  std::ranges::sort(times_slower);
  const auto n = static_cast<double>(times_slower.size());
  size_t split = 0;
  for (auto k = static_cast<size_t>(std::ceil(kLeastShare * n));
       static_cast<double>(k) <= (1 - kLeastShare) * n; ++k) {
    if (split == 0 ||
        times_slower[k] - times_slower[k - 1] > times_slower[split] - times_slower[split - 1])
      split = k;
  }
  if (split == 0) return;
  const std::span<const double> all(times_slower);
  const auto fast = all.first(split), slow = all.subspan(split);
  const double apart = Median(slow) - Median(fast);
  const auto spread = [](std::span<const double> group) {
    return Quantile(group, 0.9) - Quantile(group, 0.1);
  };
  if (apart < std::log(kLeastRatio) || spread(fast) > kMostSpread * apart ||
      spread(slow) > kMostSpread * apart)
    return;
  out.findings.push_back(
      {"two-speeds",
       fmt::format("answers to the same request come in two groups: {} of {} took {:.2f} times as "
                   "long as the others, fast and slow requests alike: two unequal back ends "
                   "behind a balancer, or a processor with two speeds. A median is of neither. "
                   "Measure each back end by its own address",
                   slow.size(), all.size(), std::exp(apart))});
}

void FindDelayedAcknowledgement(const Observed& observed, Attribution& out) {
  constexpr double kLeast = 35, kMost = 60;  // milliseconds; Linux delays by 40
  const double later = observed.network.kept_later_ms;
  if (later < kLeast || later > kMost) return;
  out.findings.push_back(
      {"delayed-acknowledgement",
       fmt::format("on a kept connection info.json comes {:.0f} ms later than on a new one: an "
                   "answer is sent in two pieces, and the second waits for our acknowledgement, "
                   "which the system delays by 40 ms (Nagle's algorithm). Those {:.0f} ms stand "
                   "under overhead. Set TCP_NODELAY in the server or the gateway",
                   later, later)});
}

void FindCache(const Observed& observed, Attribution& out) {
  constexpr int kMostly = 3;  // one in so many: then nothing is said of the server
  if (observed.from_cache == 0) return;
  const std::string what =
      fmt::format("{} of {} answers came from a cache before the server ({})", observed.from_cache,
                  observed.exchanges, observed.cache_words);
  if (observed.from_cache * kMostly < observed.exchanges) {
    out.findings.push_back(
        {"cached-before-we-came", what + ": their latency is the cache's, and they are among the "
                                         "samples. Measure the server behind it"});
  } else {
    out.refusals.push_back({"cached-before-we-came",
                            what + ": it was warm before we came, and these latencies are its "
                                   "own. Measure the server behind it, or pictures that nobody "
                                   "asked for"});
  }
}

}  // namespace

void AddGatewayFindings(const Observed& observed, Attribution& out) {
  FindPacing(observed, out);
  FindTwoSpeeds(observed, out);
  FindDelayedAcknowledgement(observed, out);
  FindCache(observed, out);
}

}  // namespace iiifbench
