// What fits into the time of a study.
#include "harness/study/running/budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iiifbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(BudgetTest, WhatSixRoundsNeedComesFirstAndTheRestGoesByWeight) {
  const std::vector<TimeNeed> needs = {{.least = 60, .weight = 1}, {.least = 20, .weight = 3}};
  EXPECT_DOUBLE_EQ(ShareOfTime(120, needs, 0), 70);
  EXPECT_DOUBLE_EQ(ShareOfTime(120, needs, 1), 50);
  EXPECT_DOUBLE_EQ(ShareOfTime(80, needs, 0), 60);
  EXPECT_DOUBLE_EQ(LeastOfAll(needs), 80);
}

TEST(BudgetTest, TooLittleTimeIsSharedInProportionToTheNeedAndNeverNegative) {
  const std::vector<TimeNeed> needs = {{.least = 60, .weight = 1}, {.least = 20, .weight = 3}};
  EXPECT_DOUBLE_EQ(ShareOfTime(40, needs, 0), 30);
  EXPECT_DOUBLE_EQ(ShareOfTime(40, needs, 1), 10);
  EXPECT_DOUBLE_EQ(ShareOfTime(-72, needs, 0), 0);  // earlier file types took more than theirs
}

TEST(BudgetTest, ASmallNeedIsNotStarvedByALargeOne) {
  // By weight alone the first would get 4 of 100.
  const std::vector<TimeNeed> needs = {{.least = 12, .weight = 1}, {.least = 48, .weight = 24}};
  EXPECT_GE(ShareOfTime(100, needs, 0), 12);
  EXPECT_DOUBLE_EQ(ShareOfTime(100, needs, 0) + ShareOfTime(100, needs, 1), 100);
  EXPECT_DOUBLE_EQ(ShareOfTime(100, std::vector<TimeNeed>{{.least = 0, .weight = 0}}, 0), 100);
}

TEST(BudgetTest, AsManyRoundsAsFit) {
  const std::vector<double> seconds = {1, 2, 3};
  EXPECT_EQ(PlanRounds(seconds, 1000, 15).rounds, 15);
  const RoundPlan some = PlanRounds(seconds, 20, 15);
  EXPECT_EQ(some.rounds, 3);
  EXPECT_DOUBLE_EQ(some.round_seconds, 6);
  EXPECT_THAT(some.left_out, IsEmpty());
}

TEST(BudgetTest, TheCostliestAreLeftOutUntilARoundFits) {
  const std::vector<double> seconds = {5, 1, 30, 2};
  const RoundPlan plan = PlanRounds(seconds, 9, 15);
  EXPECT_THAT(plan.left_out, ElementsAre(2));
  EXPECT_EQ(plan.rounds, 1);
  EXPECT_DOUBLE_EQ(plan.round_seconds, 8);
  // One that would fit beside a costlier one is not preferred to a cheaper one.
  EXPECT_THAT(PlanRounds(seconds, 3.5, 15).left_out, ElementsAre(0, 2));
}

TEST(BudgetTest, WithoutTimeTheCheapestIsStillAskedOnce) {
  const std::vector<double> seconds = {5, 1, 2};
  for (const double left : {0.0, -72.0}) {
    const RoundPlan plan = PlanRounds(seconds, left, 15);
    EXPECT_THAT(plan.left_out, ElementsAre(0, 2));
    EXPECT_EQ(plan.rounds, 1);
  }
}

}  // namespace
}  // namespace iiifbench
