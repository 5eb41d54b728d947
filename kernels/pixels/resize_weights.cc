#include "kernels/pixels/resize_weights.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace iiifbench {
namespace {

double Sinc(double x) {
  if (std::abs(x) < 1e-9) return 1;
  const double t = std::numbers::pi * x;
  return std::sin(t) / t;
}

double Support(Filter filter) {
  switch (filter) {
    case Filter::kBox:
      return 0.5;
    case Filter::kBicubic:
      return 2;
    case Filter::kLanczos3:
      return 3;
    default:
      return 1;
  }
}

double Weight(Filter filter, double x) {
  const double a = std::abs(x);
  switch (filter) {
    case Filter::kBox:
      return x >= -0.5 && x < 0.5 ? 1 : 0;
    case Filter::kBicubic:
      if (a < 1) return (1.5 * a - 2.5) * a * a + 1;
      return a < 2 ? ((-0.5 * a + 2.5) * a - 4) * a + 2 : 0;
    case Filter::kLanczos3:
      return a < 3 ? Sinc(x) * Sinc(x / 3) : 0;
    default:
      return a < 1 ? 1 - a : 0;
  }
}

}  // namespace

std::string_view FilterName(Filter filter) {
  static constexpr std::string_view kNames[] = {"nearest",  "bilinear", "box",
                                                "triangle", "bicubic",  "lanczos3"};
  return kNames[static_cast<size_t>(filter)];
}

Taps MakeTaps(Filter filter, double begin, double length, int size, int outputs) {
  const double step = length / outputs;
  const double scale =
      filter == Filter::kBilinear || filter == Filter::kNearest ? 1 : std::max(step, 1.0);
  const double support = Support(filter) * scale;
  std::vector<std::vector<double>> all(static_cast<size_t>(outputs));
  Taps taps;
  taps.start.resize(static_cast<size_t>(outputs));
  for (int i = 0; i < outputs; ++i) {
    const auto slot = static_cast<size_t>(i);
    const double centre = begin + (i + 0.5) * step;
    auto& weights = all[slot];
    int first = 0;
    if (filter == Filter::kNearest) {
      first = std::clamp(static_cast<int>(std::floor(centre)), 0, size - 1);
      weights = {1};
    } else {
      first = std::clamp(static_cast<int>(std::floor(centre - support)), 0, size - 1);
      const int last = std::clamp(static_cast<int>(std::ceil(centre + support)), first + 1, size);
      double sum = 0;
      for (int k = first; k < last; ++k) {
        weights.push_back(Weight(filter, (k + 0.5 - centre) / scale));
        sum += weights.back();
      }
      // No tap lies under a narrow filter at the very edge: the nearest sample stands for it.
      if (std::abs(sum) < 1e-12) {
        first = std::clamp(static_cast<int>(std::floor(centre)), 0, size - 1);
        weights = {1};
        sum = 1;
      }
      for (double& w : weights) w /= sum;
      while (weights.size() > 1 && weights.front() == 0) {
        weights.erase(weights.begin());
        ++first;
      }
      while (weights.size() > 1 && weights.back() == 0) weights.pop_back();
    }
    taps.start[slot] = first;
    taps.count = std::max(taps.count, static_cast<int>(weights.size()));
  }
  taps.weights.assign(static_cast<size_t>(outputs) * static_cast<size_t>(taps.count), 0);
  for (int i = 0; i < outputs; ++i) {
    const auto slot = static_cast<size_t>(i);
    std::copy(all[slot].begin(), all[slot].end(),
              taps.weights.begin() + static_cast<ptrdiff_t>(slot) * taps.count);
  }
  return taps;
}

FixedTaps ToFixed(const Taps& taps) {
  FixedTaps fixed;
  fixed.count = (taps.count + 1) / 2 * 2;
  fixed.start = taps.start;
  fixed.weights.assign(taps.start.size() * static_cast<size_t>(fixed.count), 0);
  for (size_t i = 0; i < taps.start.size(); ++i) {
    int sum = 0;
    size_t largest = 0;
    for (size_t k = 0; k < static_cast<size_t>(taps.count); ++k) {
      const double weight = taps.weights[i * static_cast<size_t>(taps.count) + k];
      const auto rounded = static_cast<int>(std::lround(weight * (1 << kWeightBits)));
      int16_t* slots = &fixed.weights[i * static_cast<size_t>(fixed.count)];
      slots[k] = static_cast<int16_t>(rounded);
      sum += rounded;
      if (std::abs(slots[k]) > std::abs(slots[largest])) largest = k;
    }
    fixed.weights[i * static_cast<size_t>(fixed.count) + largest] = static_cast<int16_t>(
        fixed.weights[i * static_cast<size_t>(fixed.count) + largest] + (1 << kWeightBits) - sum);
  }
  return fixed;
}

PairedTaps ToPairs(const FixedTaps& taps) {
  PairedTaps paired;
  const size_t outputs = taps.start.size();
  const auto count = static_cast<size_t>(taps.count);
  const auto odd =
      std::count_if(taps.start.begin(), taps.start.end(), [](int s) { return s % 2 == 1; });
  paired.offset = 2 * static_cast<size_t>(odd) > outputs ? 1 : 0;
  paired.first.resize(outputs);
  paired.last.resize(outputs);
  int reached = 0;
  for (size_t i = 0; i < outputs; ++i) {
    const int16_t* weights = &taps.weights[i * count];
    int used = taps.count;
    while (used > 1 && weights[used - 1] == 0) --used;
    const int start = taps.start[i] + paired.offset;
    paired.first[i] = start / 2;
    paired.last[i] = reached = std::max(reached, (start + used + 1) / 2);
  }
  for (size_t i = outputs; i-- > 1;)
    paired.first[i - 1] = std::min(paired.first[i - 1], paired.first[i]);
  for (size_t i = 0; i < outputs; ++i)
    paired.stride = std::max(paired.stride, paired.last[i] - paired.first[i]);
  const size_t row = 2 * static_cast<size_t>(paired.stride);
  paired.weights.assign(outputs * row, 0);
  for (size_t i = 0; i < outputs; ++i) {
    const auto shift = static_cast<size_t>(taps.start[i] + paired.offset - 2 * paired.first[i]);
    for (size_t k = 0; k < count && shift + k < row; ++k)
      paired.weights[i * row + shift + k] = taps.weights[i * count + k];
  }
  return paired;
}

}  // namespace iiifbench
