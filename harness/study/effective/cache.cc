#include "harness/study/effective/cache.h"

#include <algorithm>
#include <array>

#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

constexpr double kKept = 0.6;               // of the time of the first ask
constexpr double kMost = 2, kMostMs = 0.5;  // of the control: an answer from a cache
constexpr double kPlain = 1.5;              // of the control: more than any cache takes
constexpr int kLook = 9, kMostCrops = 27;

struct Ratio {
  double median = 1;
  std::optional<Interval> interval;
};

Ratio RatioOf(const std::vector<double>& again, const std::vector<double>& first) {
  std::vector<double> ratios;
  for (size_t i = 0; i < first.size(); ++i) ratios.push_back(again[i] / std::max(1e-6, first[i]));
  return {Median(ratios), QuantileInterval(ratios, 0.5)};
}

bool Below(const Ratio& ratio) { return ratio.interval && ratio.interval->high < kKept; }
bool Above(const Ratio& ratio) { return ratio.interval && ratio.interval->low > kKept; }

std::string RatioText(const Ratio& ratio) {
  if (!ratio.interval) return fmt::format("{:.2f}", ratio.median);
  return fmt::format("{:.2f} [{:.2f} {:.2f}]", ratio.median, ratio.interval->low,
                     ratio.interval->high);
}

}  // namespace

CacheReading JudgeCache(const CacheSamples& samples) {
  const size_t n = samples.first.size();
  IIIFBENCH_CHECK(n > 0 && samples.second.size() == n && samples.third.size() == n &&
                      !samples.info.empty() && !samples.transfer.empty(),
                  "{} crops, {} and {} again", n, samples.second.size(), samples.third.size());
  const Ratio second = RatioOf(samples.second, samples.first),
              third = RatioOf(samples.third, samples.first);
  std::vector<double> repeats = samples.second;
  repeats.insert(repeats.end(), samples.third.begin(), samples.third.end());
  const double control = Median(samples.info) + Median(samples.transfer),
               bound = kMost * control + kMostMs;
  CacheReading reading{.text = {}, .new_ms = Median(samples.first)};
  const double again_ms = Median(repeats);
  std::string verdict = "cannot tell", why;
  if (Below(second) && Below(third)) {
    if (again_ms <= bound) {
      reading.cached = Cached::kOn;
      verdict = "on";
    } else {
      why = fmt::format(
          "; yet it took {:.1f} ms, and an answer from a cache would take at most {:.1f}", again_ms,
          bound);
    }
  } else if (Above(second) && Above(third)) {
    if (reading.new_ms > kPlain * control) {
      reading.cached = Cached::kOff;
      verdict = "off";
    } else {
      why = fmt::format(
          "; but a new crop took {:.1f} ms, about as info.json and its transfer ({:.1f})",
          reading.new_ms, control);
    }
  } else {
    why = fmt::format("; the bound of {} is not clear of both intervals", kKept);
  }
  reading.text = fmt::format(
      "{} (of its first time, the same crop took {} again and {} a third time; {} crops{})",
      verdict, RatioText(second), RatioText(third), n, why);
  return reading;
}

Result<CacheReading> ReadCache(const AskCrop& ask) {
  CacheSamples samples;
  const std::array<std::vector<double>*, 3> asks = {&samples.first, &samples.second,
                                                    &samples.third};
  for (int round = 0;; ++round) {
    for (int turn = 0; turn < 4; ++turn) {
      const int which = (turn + round) % 4, crop = round - which;
      if (which == 3) {
        auto info = ask(kAskInfo);
        if (!info) return info.error();
        samples.info.push_back(info->ms);
      } else if (crop >= 0) {
        auto one = ask(crop);
        if (!one) return one.error();
        asks[static_cast<size_t>(which)]->push_back(one->ms);
        if (which > 0) samples.transfer.push_back(one->transfer_ms);
      }
    }
    const auto whole = samples.third.size();
    if (whole == 0 || whole % kLook != 0) continue;
    // The crops that were asked three times.
    CacheSamples judged = samples;
    judged.first.resize(whole);
    judged.second.resize(whole);
    CacheReading reading = JudgeCache(judged);
    if (reading.cached != Cached::kCannotTell || whole >= kMostCrops) return reading;
  }
}

}  // namespace iiifbench
