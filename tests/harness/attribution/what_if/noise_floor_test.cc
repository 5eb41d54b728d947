// What an experiment can tell from nothing.
#include "harness/attribution/what_if/noise_floor.h"

#include <gtest/gtest.h>

#include <random>

namespace iiifbench {
namespace {

TEST(NoiseFloorTest, WhatTwoEqualArmsDifferByIsNoSaving) {
  const std::vector<double> ten = {10, 10, 10, 10, 10}, more = {10.5, 10.5, 10.5, 10.5, 10.5};
  EXPECT_DOUBLE_EQ(NoiseFloor(ten, ten, more), 0.5);
  EXPECT_DOUBLE_EQ(NoiseFloor(ten, more, ten), 0);
  // Scatter counts where medians agree by chance; one pause does not.
  const std::vector<double> wide = {8, 9, 10, 11, 12}, pause = {10, 10, 10, 10, 90};
  EXPECT_GT(NoiseFloor(ten, wide, ten), 1);
  EXPECT_DOUBLE_EQ(NoiseFloor(pause, ten, ten), 0);
  // More samples know more.
  std::vector<double> many;
  for (int i = 0; i < 20; ++i) many.insert(many.end(), wide.begin(), wide.end());
  EXPECT_LT(NoiseFloor(ten, many, ten), NoiseFloor(ten, wide, ten) / 3);
}

}  // namespace
}  // namespace iiifbench
