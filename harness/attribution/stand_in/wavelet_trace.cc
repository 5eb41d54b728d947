#include "harness/attribution/stand_in/wavelet_trace.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace iiifbench {
namespace {

constexpr int kSide = 64;   // pixels of a place
constexpr int kMargin = 4;  // the filter reaches three pixels
constexpr int kMostPlaces = 1500;
constexpr int kLeastPlaces = 20;
constexpr double kRounding = 0.7;  // of the filter, by eight bits: below it nothing is seen
// The analysis high-pass of the 9/7 filter, from its middle.
constexpr std::array<double, 4> kHighPass = {1.115087052456994, -0.591271763114247,
                                             -0.05754352622849957, 0.09127176311424948};

double Luma(ConstPixelView picture, int x, int y) {
  const uint8_t* pixel = picture.row(y) + ptrdiff_t{x} * picture.channels;
  return picture.channels == 1 ? pixel[0] : 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}

// Of the filter in both directions at places of one parity.
double Rms(ConstPixelView picture, int left, int top, int parity) {
  double sum = 0;
  int count = 0;
  std::array<double, kSide + 2 * kMargin> column{};
  for (int x = left + parity; x < left + kSide; x += 2) {
    for (int y = 0; y < kSide + 2 * kMargin; ++y) {
      const int row = top - kMargin + y;
      double value = kHighPass[0] * Luma(picture, x, row);
      for (int k = 1; k < 4; ++k)
        value += kHighPass[static_cast<size_t>(k)] *
                 (Luma(picture, x - k, row) + Luma(picture, x + k, row));
      column[static_cast<size_t>(y)] = value;
    }
    for (int y = kMargin + parity; y < kSide + kMargin; y += 2) {
      const auto at = static_cast<size_t>(y);
      double value = kHighPass[0] * column[at];
      for (size_t k = 1; k < 4; ++k) value += kHighPass[k] * (column[at - k] + column[at + k]);
      sum += value * value;
      ++count;
    }
  }
  return std::sqrt(sum / count);
}

}  // namespace

WaveletTrace FindWaveletTrace(ConstPixelView picture) {
  WaveletTrace trace;
  // Grid points are even columns and rows of the picture, because places begin at multiples of 64.
  const int across = (picture.width - kMargin) / kSide, down = (picture.height - kMargin) / kSide;
  if (across < 2 || down < 2) return trace;
  const int all = across * down, every = std::max(1, all / kMostPlaces);
  std::vector<double> ratios;
  for (int place = 0; place < all; place += every) {
    const int left = place % across * kSide, top = place / across * kSide;
    if (left == 0 || top == 0) continue;  // the filter reaches out of the picture
    const double odd = Rms(picture, left, top, 1), even = Rms(picture, left, top, 0);
    if (even > kRounding) ratios.push_back(odd / even);
  }
  trace.judged = static_cast<int>(ratios.size()) >= kLeastPlaces;
  if (!trace.judged) return trace;
  const auto middle = ratios.begin() + static_cast<ptrdiff_t>(ratios.size() / 2);
  std::ranges::nth_element(ratios, middle);
  trace.ratio = *middle;
  return trace;
}

std::string WaveletTrace::words() const {
  return there() ? fmt::format(
                       "the pixels carry the quantisation of a lossy wavelet codec (its "
                       "finest subband holds {:.0f} % of its neighbours' detail)",
                       100 * ratio)
                 : "";
}

}  // namespace iiifbench
