#include "harness/report/exchange/threshold.h"

#include <gmock/gmock.h>

#include <limits>

namespace iiifbench {
namespace {

const std::vector<Figure> kFigures = {
    {.name = "tile", .metric = "p95", .unit = "ms", .value = 300},
    {.name = "tile", .metric = "throughput", .unit = "1/s", .value = 40},
    {.name = "full", .metric = "p95", .unit = "ms", .value = 900}};

// How many of the figures break the bound; -1: the threshold is an error.
int Broken(const std::string& text) {
  auto threshold = ParseThreshold(text);
  if (!threshold) return -1;
  auto verdicts = JudgeFigures(kFigures, {*threshold});
  if (!verdicts) return -1;
  int out = 0;
  for (const BoundVerdict& verdict : *verdicts) out += verdict.failed;
  return out;
}

TEST(ThresholdTest, EachFigureOfTheMetricIsJudged) {
  EXPECT_EQ(Broken("p95 > 300 ms"), 1);
  EXPECT_EQ(Broken("p95 >= 300 ms"), 2);
  EXPECT_EQ(Broken("p95>0.2s"), 2);
  EXPECT_EQ(Broken("p95 > 1000000 us"), 0);
  EXPECT_EQ(Broken("throughput < 50"), 1);
  EXPECT_EQ(Broken("throughput <= 40 /s"), 1);
}

TEST(ThresholdTest, ABoundThatCannotFailIsAnError) {
  for (const char* text : {"p99 > 300 ms", "p95 > 300 %", "p95 = 3", "p95 > three", "", "> 5",
                           "p95 > 5 parsecs", "p95 > 5 ms ms", "p95 > -"})
    EXPECT_EQ(Broken(text), -1) << text;
}

TEST(ThresholdTest, WhatIsNoNumberHoldsNoBound) {
  auto threshold = ParseThreshold("p95 > 300 ms");
  ASSERT_TRUE(threshold.ok());
  auto verdicts = JudgeFigures(
      {{.metric = "p95", .unit = "ms", .value = std::numeric_limits<double>::quiet_NaN()}},
      {*threshold});
  ASSERT_TRUE(verdicts.ok());
  EXPECT_TRUE(verdicts->front().failed);
}

TEST(ThresholdTest, FiguresWithoutAThresholdStandThereToo) {
  auto verdicts = JudgeFigures(kFigures, {});
  ASSERT_TRUE(verdicts.ok());
  EXPECT_EQ(verdicts->size(), 3U);
  EXPECT_EQ(verdicts->front().threshold, "");
}

}  // namespace
}  // namespace iiifbench
