// picture_bands: what two pictures share, octave by octave and place by place.
//
// Formula: Haar wavelets. Of each 2x2 block (a b / c d) of a level the details are (a - b + c -
// d)/2, (a + b - c - d)/2 and (a - b - c + d)/2, and the next level is the mean. Band k, the
// details of level k, holds what varies over 2^k to 2^(k+1) pixels; its sums are over expected^2,
// answer^2 and expected * answer. A constant or slow change of brightness enters no fine band.
// Shapes: one channel, equal sizes. Bands go on while a side has two samples. Units: squares of
// sample values. Memory: both pictures as floats, once. Threads: any.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/image/image.h"

namespace iiifbench {

struct BandShare {
  double expected = 0, answer = 0, both = 0;  // sums of squares and of products
  int64_t count = 0;

  // The correlation, -1 to 1; 0 where one of them has nothing.
  double likeness() const {
    return expected > 0 && answer > 0 ? both / std::sqrt(expected * answer) : 0;
  }
  double gain() const { return expected > 0 ? both / expected : 0; }
  // Variance of a detail.
  double expected_power() const { return count > 0 ? expected / static_cast<double>(count) : 0; }
  double answer_power() const { return count > 0 ? answer / static_cast<double>(count) : 0; }
  BandShare& operator+=(const BandShare& other) {
    expected += other.expected, answer += other.answer, both += other.both;
    count += other.count;
    return *this;
  }
};

constexpr int kPlaceBands = 3;   // bands that are also kept by place
constexpr int kPlaceSide = 32;   // least side of a place, in pixels
constexpr int kMostPlaces = 12;  // in a direction

struct PictureBands {
  std::vector<BandShare> whole;                  // finest first
  Size places;                                   // across and down
  std::vector<std::vector<BandShare>> by_place;  // [band][row of places x column]
};

PictureBands CompareBands(ConstPixelView expected, ConstPixelView answer);

}  // namespace iiifbench
