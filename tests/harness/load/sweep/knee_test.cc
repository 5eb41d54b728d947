// Where a sweep of loads bends, by figures that are made up.
#include "harness/load/sweep/knee.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/harness/findings/figures.h"

namespace iiifbench {
namespace {

using ::testing::ElementsAre;

TEST(KneeTest, AKneeFarBeyondWhatWasTriedIsRefused) {
  const std::vector<UslPoint> points = {{1, {1}}, {2, {2}}, {4, {4}}, {8, {8}}};
  UslFit fit{.lambda = 1, .knee = 40, .knee_interval = Interval{35, 45}};
  EXPECT_EQ(ClientsKnee(points, fit).refused->id, "knee-beyond-loads");
  EXPECT_THAT(FiguresIn(ClientsKnee(points, fit).refused->text), ElementsAre(40, 8));
  fit.knee = 12;
  fit.knee_interval = Interval{4, 13};
  EXPECT_EQ(ClientsKnee(points, fit).refused->id, "knee-too-wide");
  EXPECT_THAT(FiguresIn(ClientsKnee(points, fit).refused->text), ElementsAre(4, 13, 4));
  fit.knee_interval = Interval{10, 13};
  EXPECT_DOUBLE_EQ(ClientsKnee(points, fit).at.value_or(0), 12);
  fit.knee_interval.reset();
  EXPECT_EQ(ClientsKnee(points, fit).refused->id, "no-knee-in-resamples");
  fit.knee.reset();
  EXPECT_EQ(ClientsKnee(points, fit).refused->id, "no-knee-in-law");
}

RatePoint Rate(double rate, double low_ms, double high_ms, double answered = 1) {
  return {.rate = rate, .throughput = rate * answered, .seconds = 10, .median = {low_ms, high_ms}};
}

TEST(KneeTest, OfRatesItLiesBetweenTheLastSurelyBeforeAndTheFirstSurelyBeyond) {
  // One client alone: 10 ms.
  const std::vector<RatePoint> clear = {Rate(10, 10, 11), Rate(20, 12, 13), Rate(40, 25, 30),
                                        Rate(80, 90, 99, 0.7)};
  Knee knee = RateKnee(clear, 10);
  EXPECT_DOUBLE_EQ(knee.at.value_or(0), 40);
  EXPECT_DOUBLE_EQ(knee.interval.low, 20);
  EXPECT_DOUBLE_EQ(knee.interval.high, 40);
  // One whose median may be on either side widens the gap.
  const std::vector<RatePoint> unsure = {Rate(10, 10, 11), Rate(20, 18, 23), Rate(40, 25, 30)};
  knee = RateKnee(unsure, 10);
  EXPECT_DOUBLE_EQ(knee.interval.low, 10);
  EXPECT_DOUBLE_EQ(knee.interval.high, 40);
}

TEST(KneeTest, OfRatesItIsRefusedWhereOneSideIsMissing) {
  const std::vector<RatePoint> before = {Rate(10, 10, 11), Rate(20, 12, 13)};
  EXPECT_EQ(RateKnee(before, 10).refused->id, "no-knee-below-rates");
  EXPECT_THAT(FiguresIn(RateKnee(before, 10).refused->text), ElementsAre(20));
  const std::vector<RatePoint> beyond = {Rate(40, 25, 30), Rate(80, 90, 99)};
  EXPECT_EQ(RateKnee(beyond, 10).refused->id, "no-knee-above-rates");
  EXPECT_EQ(RateKnee({}, 10).refused->id, "no-knee-without-medians");
}

// 10 per second for 10 s are 100 arrivals, give or take 10 at random: 90 are no sign of a limit.
TEST(KneeTest, FewerArrivalsByChanceAreNoKnee) {
  const std::vector<RatePoint> chance = {Rate(5, 10, 11), Rate(10, 10, 11, 0.9)};
  EXPECT_FALSE(RateKnee(chance, 10).at);
  const std::vector<RatePoint> limit = {Rate(5, 10, 11), Rate(10, 10, 11, 0.7)};
  EXPECT_DOUBLE_EQ(RateKnee(limit, 10).at.value_or(0), 10);
}

}  // namespace
}  // namespace iiifbench
