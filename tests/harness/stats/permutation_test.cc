#include "harness/stats/permutation.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

TEST(PermutationTest, OrdersOfSixAreTwentyAndTheMostExtremeTwoAreATenth) {
  EXPECT_NEAR(Arrangements(6), 20, 1e-9);
  EXPECT_NEAR(Arrangements(7), 35, 1e-9);
  EXPECT_NEAR(PermutationP({{.levels = {1, 2, 3, 4, 5, 6}}}, 20000), 0.1, 0.01);
  EXPECT_NEAR(PermutationP({{.levels = {6, 5, 4, 3, 2, 1}}}, 20000), 0.1, 0.01) << "two-sided";
}

TEST(PermutationTest, NoOrderIsUnlikelyWhereTheHalvesAreAlike) {
  EXPECT_GT(PermutationP({{.levels = {1, 4, 2, 3, 2, 4}}}, 2000), 0.5);
  EXPECT_DOUBLE_EQ(PermutationP({{.levels = {2, 2, 2, 2}}}, 500), 1) << "ties tell nothing";
}

TEST(PermutationTest, StrataAddUpAndTheirLevelsAreNotComparedWithOneAnother) {
  // Each alone has p = 1/3 at least; three together have 2 / 6^3.
  const Stratum one{.levels = {1, 2, 3, 4}}, high{.levels = {101, 102, 103, 104}},
      low{.levels = {-4, -3, -2, -1}};
  EXPECT_NEAR(PermutationP({one}, 20000), 2.0 / 6, 0.02);
  EXPECT_NEAR(PermutationP({one, high, low}, 20000), 2.0 / 216, 0.003);
}

}  // namespace
}  // namespace iiifbench
