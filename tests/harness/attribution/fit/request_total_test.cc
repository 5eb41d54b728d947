#include "harness/attribution/fit/request_total.h"

#include <gtest/gtest.h>

#include <random>

#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

TEST(RequestTotalTest, TheDifferenceGoesToTheStagesByTheirSize) {
  const auto stages =
      GivenTotal({{Stage::kDecode, 90}, {Stage::kEncode, 9}, {Stage::kNetwork, 1}}, 110);
  EXPECT_EQ(stages.at(Stage::kNetwork), 1);
  EXPECT_NEAR(stages.at(Stage::kDecode) - 90, 9.35, 0.05);
  EXPECT_NEAR((stages.at(Stage::kDecode) - 90) / (stages.at(Stage::kEncode) - 9), 100, 1e-6);
  // A twentieth of ten stays unexplained: the model may lack something.
  const double sum = stages.at(Stage::kDecode) + stages.at(Stage::kEncode) + 1;
  EXPECT_GT(110 - sum, 0.2);
  EXPECT_LT(110 - sum, 1);
}

// Given the total, a stage is as unsure as the others together: the sum is known, its parts are
// not.
TEST(RequestTotalTest, AStageIsAsUnsureAsTheOthersTogether) {
  std::mt19937_64 random(5);
  std::vector<double> decode, encode;
  for (int i = 0; i < 2000; ++i) {
    const auto stages = GivenTotal(Disturbed({{Stage::kDecode, 80},
                                              {Stage::kEncode, 19},
                                              {Stage::kOverhead, 0},
                                              {Stage::kNetwork, 1}},
                                             random),
                                   100);
    EXPECT_EQ(stages.at(Stage::kNetwork), 1);
    decode.push_back(stages.at(Stage::kDecode)), encode.push_back(stages.at(Stage::kEncode));
  }
  const auto width = [](const std::vector<double>& v) {
    return Quantile(v, 0.975) - Quantile(v, 0.025);
  };
  EXPECT_NEAR(Median(decode), 80, 0.3);
  EXPECT_NEAR(width(encode), 2 * 1.96 * 1.9, 1);
  EXPECT_NEAR(width(decode), width(encode), 2);
}

TEST(RequestTotalTest, WhatNoStageCanBeOffByStaysUnexplained) {
  const auto stages = GivenTotal({{Stage::kDecode, 100}, {Stage::kOverhead, 1}}, 200);
  EXPECT_LT(stages.at(Stage::kDecode), 126);
  EXPECT_LT(stages.at(Stage::kOverhead), 2);
  for (const auto& [stage, ms] : GivenTotal({{Stage::kDecode, 100}, {Stage::kOverhead, 0.01}}, 10))
    EXPECT_GE(ms, 0) << StageName(stage);
  EXPECT_EQ(GivenTotal({{Stage::kNetwork, 3}}, 9).at(Stage::kNetwork), 3);
}

}  // namespace
}  // namespace iiifbench
