// Scales that wild values do not move, and what an experiment can tell from nothing.
#include "harness/stats/robust.h"

#include <gtest/gtest.h>

#include <random>

#include "harness/stats/bootstrap.h"

namespace iiifbench {
namespace {

TEST(RobustTest, TheMedianDistanceIsThatOfTheTextbook) {
  // 1 1 2 2 4 6 9: the median is 2, the distances from it are 0 0 1 1 2 4 7.
  const std::vector<double> values = {1, 1, 2, 2, 4, 6, 9};
  EXPECT_DOUBLE_EQ(MedianDistance(values), 1);
  EXPECT_DOUBLE_EQ(MadScale(values), 1.4826);
  EXPECT_DOUBLE_EQ(MadScale({}), 0);
}

TEST(RobustTest, ANormalSampleHasItsDeviationAndWildValuesMoveItLittle) {
  std::mt19937_64 random(3);
  std::vector<double> values;
  for (int i = 0; i < 20000; ++i) values.push_back(3 * NormalDraw(random));
  EXPECT_NEAR(MadScale(values), 3, 0.1);
  EXPECT_NEAR(HuberScale(values, 2.5), 3, 0.05);
  for (size_t i = 0; i < values.size(); i += 50) values[i] = 1000;  // of 2 %
  EXPECT_NEAR(MadScale(values), 3, 0.2);
  EXPECT_NEAR(HuberScale(values, 2.5), 3, 0.4);
  EXPECT_EQ(HuberScale({}, 2.5), 0);
}

TEST(RobustTest, AMedianErrsBySoMuch) {
  // Of n samples of a normal deviation of 1 about 1.253 / sqrt(n).
  std::mt19937_64 random(4);
  std::vector<double> values;
  for (int i = 0; i < 10000; ++i) values.push_back(NormalDraw(random));
  EXPECT_NEAR(MedianError(values), 0.01253, 0.0004);
}

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
