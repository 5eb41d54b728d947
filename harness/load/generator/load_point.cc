#include "harness/load/generator/load_point.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "harness/stats/milliseconds.h"
#include "harness/stats/rank_test.h"

namespace iiifbench {
namespace {

constexpr double kLargestLag = 0.05, kLargestLittle = 0.05, kLargestDrift = 0.10;
constexpr size_t kSlices = 10;

int64_t Us(std::chrono::nanoseconds t) { return std::max<int64_t>(0, (t.count() + 500) / 1000); }

double MedianOr0(const std::vector<double>& values) { return values.empty() ? 0 : Median(values); }

// The fewest samples whose interval for p exists: the largest may fall below with 2.5 %.
int64_t Needed(double p) { return static_cast<int64_t>(std::ceil(std::log(0.025) / std::log(p))); }

void Percentiles(const std::vector<double>& latencies, LoadPoint& point) {
  for (double p : {0.5, 0.9, 0.99, 0.999}) {
    const auto interval = QuantileInterval(latencies, p);
    if (interval) {
      point.percentiles.push_back({.p = p, .ms = Quantile(latencies, p), .interval = *interval});
    } else {
      point.refused.push_back(
          {"too-few-for-percentile", fmt::format("p{:g}: about {} answers are needed, there are {}",
                                                 100 * p, Needed(p), latencies.size())});
    }
  }
}

// Good answers of both halves of the run, each relative to what its class cost in the two (the
// geometric mean of their medians, so that it does not matter which half asked for more of it): a
// half that happens to ask for other things is no drift of the server. Aligned ranks, Hodges and
// Lehmann 1962. Classes that a half asked for a few times only are left out.
std::array<std::vector<double>, 2> AlignedHalves(const LoadRun& run, int64_t answers) {
  constexpr size_t kFewest = 8;
  std::vector<std::array<std::vector<double>, 2>> classes(run.classes.size());
  int64_t number = 0;
  for (const LoadSample& sample : run.samples) {
    if (sample.failure >= 0) continue;
    const size_t half = 2 * number++ < answers ? 0 : 1;
    classes[static_cast<size_t>(sample.request_class)][half].push_back(MsOf(sample.latency));
  }
  std::array<std::vector<double>, 2> aligned;
  for (const auto& halves : classes) {
    if (std::min(halves[0].size(), halves[1].size()) < kFewest) continue;
    const double cost = std::sqrt(Median(halves[0]) * Median(halves[1]));
    for (size_t half : {0U, 1U}) {
      for (double ms : halves[half]) aligned[half].push_back(ms / std::max(1e-9, cost));
    }
  }
  return aligned;
}

void Judge(const LoadRun& run, ConnectionPolicy policy, LoadPoint& point) {
  auto& reasons = point.not_reportable;
  if (!run.ended_early.empty())
    reasons.push_back({"stopped-early", "ended early: " + run.ended_early});
  if (point.failed > 0) {
    std::string names;
    for (const auto& [name, histogram] : point.failures)
      names += fmt::format("{}{} x {}", names.empty() ? "" : ", ", histogram.count(), name);
    reasons.push_back({"requests-failed", fmt::format("{} of {} requests failed: {}", point.failed,
                                                      point.failed + point.answers, names)});
  }
  if (run.asked.count() > 0 && run.ended_early.empty() && run.measured < run.asked * 95 / 100)
    reasons.push_back({"measured-too-short",
                       fmt::format("measured for {:.3f} s where {:.3f} s were asked", point.seconds,
                                   std::chrono::duration<double>(run.asked).count())});
  if (run.not_answered > 0 && run.ended_early.empty() && !point.overloaded())
    reasons.push_back(
        {"requests-not-answered",
         fmt::format(
             "{} requests were due and not answered: the rate is above what the server can do",
             run.not_answered)});
  if (point.percentiles.empty()) {
    reasons.push_back(
        {"too-few-answers",
         fmt::format("{} answers: too few for a median with an interval", point.answers)});
    return;
  }
  if (point.lag_p90_ms > kLargestLag * point.median_ms()) {
    reasons.push_back(
        {"own-lag",
         fmt::format("our own lag is {:.3f} ms at p90, above {:.0f} % of the median of {:.3f} ms",
                     point.lag_p90_ms, 100 * kLargestLag, point.median_ms())});
  }
  if (point.little_error > kLargestLittle) {
    reasons.push_back(
        {"littles-law-broken",
         fmt::format("Little's law: {:.2f} in flight, rate times latency is {:.1f} % off",
                     point.in_flight, 100 * point.little_error)});
  }
  if (policy == ConnectionPolicy::kHttp2 && point.http_version != "2")
    reasons.push_back(
        {"protocol-not-spoken",
         fmt::format("HTTP/2 was asked for, the server spoke {}", point.http_version)});
  if (point.overloaded()) return;
  const auto [first, second] = AlignedHalves(run, point.answers);
  if (std::min(first.size(), second.size()) < 20) return;
  const double drift = Median(second) / Median(first) - 1;
  if (std::abs(drift) > kLargestDrift && MannWhitney(first, second).p < 0.01) {
    reasons.push_back({"latency-drift",
                       fmt::format("latencies drift by {:+.0f} % from the first half to the second",
                                   100 * drift)});
  }
}

}  // namespace

bool FallsBehind(double rate_per_second, double done_per_second, double seconds) {
  return done_per_second <
         0.95 * rate_per_second - 2 * std::sqrt(rate_per_second / std::max(1e-9, seconds));
}

LoadPoint Summarise(const LoadRun& run, ConnectionPolicy policy, double rate_per_second) {
  LoadPoint point{.warm_up = run.warm_up_requests,
                  .not_answered = run.not_answered,
                  .seconds = std::chrono::duration<double>(run.measured).count(),
                  .in_flight = run.mean_in_flight,
                  .http_version = run.http_version};
  std::vector<double> latencies, lags, slot, dns, connect, tls, first_byte, body;
  std::map<std::string, std::vector<double>> by_class;
  double sum_ms = 0, bytes = 0;
  int64_t reused = 0;
  const auto origin = run.samples.empty() ? std::chrono::nanoseconds{} : run.samples.front().due;
  std::vector<double> slices(kSlices);
  for (const LoadSample& sample : run.samples) {
    sum_ms += MsOf(sample.latency);
    reused += sample.reused;
    if (sample.failure >= 0) {
      ++point.failed;
      point.failures[run.failures[static_cast<size_t>(sample.failure)]].Record(Us(sample.latency));
      continue;
    }
    ++point.answers;
    point.histogram.Record(Us(sample.latency));
    latencies.push_back(MsOf(sample.latency));
    lags.push_back(MsOf(sample.lag));
    slot.push_back(MsOf(sample.slot));
    first_byte.push_back(MsOf(sample.first_byte));
    body.push_back(MsOf(sample.body));
    if (!sample.reused) {
      dns.push_back(MsOf(sample.dns));
      connect.push_back(MsOf(sample.connect));
      tls.push_back(MsOf(sample.tls));
    }
    bytes += static_cast<double>(sample.bytes);
    const std::string& name = run.classes[static_cast<size_t>(sample.request_class)];
    by_class[name].push_back(MsOf(sample.latency));
    point.classes[name].mean_bytes += static_cast<double>(sample.bytes);
    const double share =
        std::chrono::duration<double>(sample.due + sample.latency - origin).count() /
        std::max(1e-9, point.seconds);
    slices[std::min(kSlices - 1, static_cast<size_t>(std::max(0.0, share) * kSlices))] += 1;
  }
  Percentiles(latencies, point);
  if (point.seconds > 0) {
    point.throughput = static_cast<double>(point.answers) / point.seconds;
    point.bytes_per_second = bytes / point.seconds;
    for (double count : slices) point.slices.push_back(count * kSlices / point.seconds);
  }
  const auto all = static_cast<double>(run.samples.size());
  if (all > 0) {
    point.reused = static_cast<double>(reused) / all;
    point.little_ms = sum_ms / all;
    // Of a run that ended early, with its requests in flight, these have waited, too.
    const double waited_s = (sum_ms + MsOf(run.not_answered_waited)) / 1e3;
    if (point.in_flight > 0 && point.seconds > 0)
      point.little_error = std::abs(point.in_flight - waited_s / point.seconds) / point.in_flight;
  }
  point.parts_ms = {{"slot", MedianOr0(slot)},
                    {"dns", MedianOr0(dns)},
                    {"connect", MedianOr0(connect)},
                    {"tls", MedianOr0(tls)},
                    {"first_byte", MedianOr0(first_byte)},
                    {"body", MedianOr0(body)}};
  if (!lags.empty()) {
    point.lag_p50_ms = Median(lags);
    point.lag_p90_ms = Quantile(lags, 0.9);
    point.lag_max_ms = *std::ranges::max_element(lags);
  }
  for (auto& [name, values] : by_class) {
    ClassFigures& figures = point.classes[name];
    figures.answers = std::ssize(values);
    figures.mean_bytes /= static_cast<double>(values.size());
    figures.median_ms = Median(values);
    figures.median_interval = QuantileInterval(values, 0.5);
  }
  const double done = all / std::max(1e-9, point.seconds);
  if (rate_per_second > 0 && run.ended_early.empty() && point.seconds > 0 &&
      (run.not_answered > 0 || FallsBehind(rate_per_second, done, point.seconds)))
    point.state = {CellStatus::kOverloaded,
                   fmt::format("overloaded: {:.1f} of {:g} per second were done, and the queue "
                               "grew as long as the run "
                               "lasted: no "
                               "latency is reported",
                               done, rate_per_second)};
  else if (!run.ended_early.empty())
    point.state = {CellStatus::kStopped, run.ended_early};
  else if (point.percentiles.empty())
    point.state = {CellStatus::kTooFewAnswers, fmt::format("{} answers", point.answers)};
  else
    point.state = {CellStatus::kMeasured};
  Judge(run, policy, point);
  return point;
}

}  // namespace iiifbench
