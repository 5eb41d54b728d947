#include "harness/attribution/stand_in/block_grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "harness/answers/encoder_facts.h"

namespace iiifbench {
namespace {

constexpr int kMostBlocks = 12000;
constexpr int kLargestStep = 60;
constexpr size_t kLeastCount = 60;  // coefficients of at least half a step
constexpr double kQuantised = 0.5;  // S above it
constexpr int kLeastSteps = 5;      // coefficients that must show theirs
constexpr int kJudgedSteps = 8;     // that could show it
// The first coefficients in zigzag order: column, row.
constexpr std::array<std::array<int, 2>, kGridSteps> kFirst = {{{1, 0},
                                                                {0, 1},
                                                                {0, 2},
                                                                {1, 1},
                                                                {2, 0},
                                                                {3, 0},
                                                                {2, 1},
                                                                {1, 2},
                                                                {0, 3},
                                                                {0, 4},
                                                                {1, 3},
                                                                {2, 2},
                                                                {3, 1},
                                                                {4, 0}}};

using Coefficients = std::array<std::vector<float>, kGridSteps>;

double Luma(const uint8_t* pixel, int channels) {
  return channels == 1 ? pixel[0] : 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}

Coefficients CoefficientsOf(ConstPixelView picture, int offset) {
  std::array<std::array<double, 8>, 8> basis;
  for (size_t u = 0; u < 8; ++u) {
    for (size_t x = 0; x < 8; ++x)
      basis[u][x] = (u == 0 ? std::sqrt(0.125) : 0.5) *
                    std::cos((2 * static_cast<double>(x) + 1) * static_cast<double>(u) *
                             std::numbers::pi / 16);
  }
  const int across = (picture.width - offset) / 8, down = (picture.height - offset) / 8;
  Coefficients out;
  const int64_t all = int64_t{across} * down, every = std::max<int64_t>(1, all / kMostBlocks);
  for (int64_t block = 0; block < all; block += every) {
    const int left = offset + static_cast<int>(block % across) * 8;
    const int top = offset + static_cast<int>(block / across) * 8;
    std::array<std::array<double, 8>, 8> luma;
    bool clipped = false;  // the rounding is no rounding there
    for (int y = 0; y < 8; ++y) {
      for (int x = 0; x < 8; ++x) {
        const uint8_t* pixel = picture.row(top + y) + ptrdiff_t{left + x} * picture.channels;
        for (int c = 0; c < picture.channels; ++c) clipped |= pixel[c] == 0 || pixel[c] == 255;
        luma[static_cast<size_t>(y)][static_cast<size_t>(x)] = Luma(pixel, picture.channels);
      }
    }
    if (clipped) continue;
    for (size_t k = 0; k < kGridSteps; ++k) {
      const auto& row = basis[static_cast<size_t>(kFirst[k][1])];
      const auto& column = basis[static_cast<size_t>(kFirst[k][0])];
      double sum = 0;
      for (size_t y = 0; y < 8; ++y) {
        for (size_t x = 0; x < 8; ++x) sum += luma[y][x] * row[y] * column[x];
      }
      out[k].push_back(static_cast<float>(sum));
    }
  }
  return out;
}

struct Comb {
  bool judged = false;
  int step = 0;  // 0: none
};

// The largest step whose multiples the coefficients are: all of its divisors' too.
Comb CombOf(const std::vector<float>& coefficients) {
  Comb out;
  double highest = kQuantised;
  std::array<double, kLargestStep + 1> score{};
  for (int q = 2; q <= kLargestStep; ++q) {
    double sum = 0;
    size_t count = 0;
    for (float c : coefficients) {
      if (std::abs(c) < 0.5f * static_cast<float>(q)) continue;
      sum += std::cos(2 * std::numbers::pi * static_cast<double>(c) / q);
      ++count;
    }
    if (count < kLeastCount) break;
    out.judged = true;
    score[static_cast<size_t>(q)] = sum / static_cast<double>(count);
    highest = std::max(highest, score[static_cast<size_t>(q)]);
  }
  for (int q = kLargestStep; q >= 2 && out.step == 0; --q) {
    if (score[static_cast<size_t>(q)] >= std::max(kQuantised, 0.9 * highest)) out.step = q;
  }
  return out;
}

}  // namespace

BlockGrid FindBlockGrid(ConstPixelView picture) {
  BlockGrid grid;
  if (picture.width < 64 || picture.height < 64) return grid;
  const Coefficients here = CoefficientsOf(picture, 0), moved = CoefficientsOf(picture, 4);
  std::array<int, kGridSteps> steps{};
  int judged = 0;
  for (size_t k = 0; k < kGridSteps; ++k) {
    const Comb comb = CombOf(here[k]);
    judged += comb.judged;
    steps[k] = comb.step;
    grid.steps += comb.step > 0;
    grid.control += CombOf(moved[k]).step > 0;
  }
  grid.judged = judged >= kJudgedSteps;
  grid.there = grid.judged && grid.steps >= kLeastSteps && grid.steps >= 3 * grid.control;
  if (!grid.there) return grid;
  int least = 0;
  for (int quality = 20; quality <= 98; ++quality) {
    int off = 0;
    for (size_t k = 0; k < kGridSteps; ++k) {
      const int step = LuminanceStep(quality, static_cast<int>(k) + 1);
      if (steps[k] > 0) off += std::abs(steps[k] - step);
    }
    if (grid.quality == 0 || off < least) grid.quality = quality, least = off;
  }
  return grid;
}

std::string BlockGrid::words() const {
  if (!judged) return "the pixels do not tell whether a JPEG made them";
  if (!there)
    return fmt::format("the pixels carry no JPEG's 8x8 grid, of quality {} or less", kSeenQuality);
  return fmt::format("the pixels carry a JPEG's 8x8 grid, of about quality {}", quality);
}

}  // namespace iiifbench
