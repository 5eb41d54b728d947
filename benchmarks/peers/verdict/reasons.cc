#include "benchmarks/peers/verdict/reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "benchmarks/peers/libraries/part.h"

namespace iiifbench::peers {
namespace {

const CaseResult* FindCase(const std::vector<CaseResult>& results, std::string_view name) {
  for (const CaseResult& result : results) {
    if (result.task.name == name) return &result;
  }
  return nullptr;
}

// Milliseconds a tap and beyond it, of the line through two filters.
struct ByTaps {
  double slope = 0, rest = 0;
};
constexpr double kTriangleSupport = 2,
                 kLanczos3Support = 6;  // source samples for each step of the ratio

std::string Taps(const std::vector<CaseResult>& results, const CaseResult& result, const Row& ours,
                 const Row& peer) {
  const std::string& name = result.task.name;
  const std::string sizes = name.substr(std::min(name.find("/from:"), name.size()));
  const CaseResult* few = FindCase(results, "resize/filter:triangle" + sizes);
  const CaseResult* many = FindCase(results, "resize/filter:lanczos3" + sizes);
  const double ratio =
      static_cast<double>(result.task.pixels.width) / std::max(result.task.out.width, 1);
  const auto line = [&](const Row& of) -> std::optional<ByTaps> {
    if (few == nullptr || many == nullptr || ratio <= 1) return {};
    const Row *first = FindRow(*few, of.label, of.ours), *last = FindRow(*many, of.label, of.ours);
    if (first == nullptr || last == nullptr) return {};
    const double low = MedianOf(first->milliseconds), high = MedianOf(last->milliseconds);
    const double slope = (high - low) / ((kLanczos3Support - kTriangleSupport) * ratio);
    return ByTaps{slope, low - slope * kTriangleSupport * ratio};
  };
  const auto mine = line(ours), theirs = line(peer);
  if (mine && theirs && result.task.filter != Filter::kBox)
    return fmt::format(
        "measured here, triangle and Lanczos3 ({:.0f} and {:.0f} taps each way): {:.2f} ms a tap "
        "beyond {:.1f}, "
        "{} {:.2f} beyond {:.1f}",
        kTriangleSupport * ratio, kLanczos3Support * ratio, mine->slope, mine->rest, peer.label,
        theirs->slope, theirs->rest);
  const double bytes = 3.0 * result.task.pixels.width * result.task.pixels.height;
  return bytes > 0 ? fmt::format("measured here: the source is read at {:.1f} GB/s",
                                 bytes / MedianOf(ours.milliseconds) / 1e6)
                   : "";
}

std::string SmallestLevel(const std::vector<CaseResult>& results, const CaseResult& result,
                          const Row& ours) {
  const std::string& name = result.task.name;
  const CaseResult* eighth = FindCase(results, name.substr(0, name.find("/level:")) + "/level:3");
  const Row* smallest = eighth == nullptr ? nullptr : FindRow(*eighth, ours.label, true);
  if (smallest == nullptr || eighth == &result) return "";
  return fmt::format(
      "measured here: level 1/8, where little but entropy decoding is left, takes {:.2f} of our "
      "time",
      MedianOf(smallest->milliseconds) / MedianOf(ours.milliseconds));
}

std::string Parts(const CaseResult& result, const Row& ours, const Row& peer) {
  const Row* part = FindRow(result, kPartLabel, false);
  if (part == nullptr) return "";
  const double share = RatioOf(*part, ours).median;
  return fmt::format(
      "measured here: {} is {:.2f} of our time, so with nothing else at all it would be {:.2f}",
      part->label.substr(kPartLabel.size()), share, RatioOf(peer, ours).median / share);
}

}  // namespace

const Row* FindRow(const CaseResult& result, std::string_view label, bool ours) {
  for (const Row& row : result.rows) {
    if (row.ours == ours && row.label.starts_with(label) && !row.milliseconds.empty()) return &row;
  }
  return nullptr;
}

double ProcessorTimeRatio(const Row& of, const Row& over) {
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(of.milliseconds.size(), over.milliseconds.size()); ++i)
    ratios.push_back(of.processor_milliseconds[i] / over.processor_milliseconds[i]);
  return MedianOf(std::move(ratios));
}

std::string WhatStandsInTheWay(const std::vector<CaseResult>& results, const CaseResult& result,
                               const Row& ours, const Row& peer) {
  if (result.task.by_threads)
    return fmt::format(
        "measured here: {:.2f} processors busy, {:.2f} of one thread's processor time",
        BusyOf(ours), ProcessorTimeRatio(ours, peer));
  if (result.task.name.starts_with("resize/")) return Taps(results, result, ours, peer);
  if (result.task.name.starts_with("level/jpeg")) return SmallestLevel(results, result, ours);
  return Parts(result, ours, peer);
}

}  // namespace iiifbench::peers
