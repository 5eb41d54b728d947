// Grades follow the figures; the checks themselves end when they are told to.
#include "harness/doctor/timing_checks.h"

#include <gmock/gmock.h>

namespace iiifbench {
namespace {

TEST(TimingChecksTest, SpeedIsGradedBySpreadAndDrift) {
  EXPECT_EQ(GradeSpeed(1.02, 1.0).grade, Grade::kGood);
  EXPECT_EQ(GradeSpeed(1.3, 1.0).grade, Grade::kDoubtful);
  EXPECT_EQ(GradeSpeed(1.02, 0.9).grade, Grade::kDoubtful);
  EXPECT_EQ(GradeSpeed(1.02, 1.4).grade, Grade::kBad);
  EXPECT_EQ(GradeSpeed(2.0, 1.0).grade, Grade::kBad);
}

TEST(TimingChecksTest, StealIsBadWhereAStudyWouldNotBeReportable) {
  EXPECT_EQ(GradeSteal(0).grade, Grade::kGood);
  EXPECT_EQ(GradeSteal(0.01).grade, Grade::kDoubtful);
  EXPECT_EQ(GradeSteal(0.021).grade, Grade::kBad);
}

TEST(TimingChecksTest, ATimerThatIsLateIsSaid) {
  EXPECT_EQ(GradeTimer(0.1).grade, Grade::kGood);
  EXPECT_EQ(GradeTimer(1).grade, Grade::kDoubtful);
  EXPECT_EQ(GradeTimer(9).grade, Grade::kBad);
}

TEST(TimingChecksTest, EveryCheckSaysSomething) {
  const auto checks = TimingChecks({.seconds = 0.2});
  ASSERT_EQ(checks.size(), 4U);
  for (const Check& check : checks) EXPECT_FALSE(check.found.empty()) << check.id;
  EXPECT_NE(checks[3].grade, Grade::kUnknown) << checks[3].found;  // simd was measured
}

TEST(TimingChecksTest, StopsWhenTold) {
  const std::atomic<bool> stop{true};
  for (const Check& check : TimingChecks({.seconds = 600, .stop = &stop})) {
    if (check.id == "speed") {
      EXPECT_EQ(check.found, "stopped");
    }
  }
}

}  // namespace
}  // namespace iiifbench
