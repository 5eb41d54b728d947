#include "harness/attribution/fit/request_total.h"

#include <gtest/gtest.h>

#include <random>

#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

TEST(RequestTotalTest, TheDifferenceGoesToTheStagesByTheirSize) {
  const auto stages = GivenTotal({{"decode", 90}, {"encode", 9}, {"network", 1}}, 110);
  EXPECT_EQ(stages.at("network"), 1);
  EXPECT_NEAR(stages.at("decode") - 90, 9.35, 0.05);
  EXPECT_NEAR((stages.at("decode") - 90) / (stages.at("encode") - 9), 100, 1e-6);
  // A twentieth of ten stays unexplained: the model may lack something.
  const double sum = stages.at("decode") + stages.at("encode") + 1;
  EXPECT_GT(110 - sum, 0.2);
  EXPECT_LT(110 - sum, 1);
}

// Given the total, a stage is as unsure as the others together: the sum is known, its parts are
// not.
TEST(RequestTotalTest, AStageIsAsUnsureAsTheOthersTogether) {
  std::mt19937_64 random(5);
  std::vector<double> decode, encode;
  for (int i = 0; i < 2000; ++i) {
    const auto stages = GivenTotal(
        Disturbed({{"decode", 80}, {"encode", 19}, {"overhead", 0}, {"network", 1}}, random), 100);
    EXPECT_EQ(stages.at("network"), 1);
    decode.push_back(stages.at("decode")), encode.push_back(stages.at("encode"));
  }
  const auto width = [](const std::vector<double>& v) {
    return Quantile(v, 0.975) - Quantile(v, 0.025);
  };
  EXPECT_NEAR(Median(decode), 80, 0.3);
  EXPECT_NEAR(width(encode), 2 * 1.96 * 1.9, 1);
  EXPECT_NEAR(width(decode), width(encode), 2);
}

TEST(RequestTotalTest, WhatNoStageCanBeOffByStaysUnexplained) {
  const auto stages = GivenTotal({{"decode", 100}, {"overhead", 1}}, 200);
  EXPECT_LT(stages.at("decode"), 126);
  EXPECT_LT(stages.at("overhead"), 2);
  for (const auto& [stage, ms] : GivenTotal({{"decode", 100}, {"overhead", 0.01}}, 10))
    EXPECT_GE(ms, 0) << stage;
  EXPECT_EQ(GivenTotal({{"network", 3}}, 9).at("network"), 3);
}

}  // namespace
}  // namespace iiifbench
