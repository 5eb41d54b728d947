#include "harness/attribution/findings/profile_finding.h"

#include <gmock/gmock.h>

#include "tests/harness/findings/figures.h"

namespace iiifbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// An answer of these bytes with a profile in them.
Case AnswerWith(std::string path, int64_t bytes, int64_t profile, bool held_out = true) {
  Case c;
  c.probe.path = std::move(path);
  c.held_out = held_out;
  c.answer.size = {100, 100};
  c.answer.profile_bytes = profile;
  c.answer.other_bytes = profile + 600;
  c.answer.entropy_bytes = bytes - c.answer.other_bytes;
  return c;
}

std::vector<Finding> ProfileFindingsOf(std::vector<Case> cases) {
  Observed observed;
  observed.cases = std::move(cases);
  Attribution attribution;
  AddProfileFinding(observed, attribution);
  return attribution.findings;
}

TEST(ProfileFindingTest, AProfileInEveryAnswerIsSaidOfTheRequestThatItWeighsMostOn) {
  const auto findings =
      ProfileFindingsOf({AnswerWith("page", 100000, 3144), AnswerWith("thumbnail", 6288, 3144),
                         AnswerWith("pixel", 3900, 3144, false)});
  ASSERT_THAT(IdsOf(findings), ElementsAre("profile-in-every-answer"));
  EXPECT_THAT(FiguresIn(findings[0].text), ElementsAre(3.1, 50));
  EXPECT_THAT(findings[0].text, HasSubstr("thumbnail"));
}

TEST(ProfileFindingTest, OneAnswerWithoutItIsEnoughToSayNothing) {
  EXPECT_TRUE(ProfileFindingsOf({AnswerWith("a", 9000, 3144), AnswerWith("b", 9000, 0)}).empty());
  EXPECT_TRUE(
      ProfileFindingsOf({AnswerWith("a", 9000, 3144), AnswerWith("b", 9000, 0, false)}).empty());
}

TEST(ProfileFindingTest, ACompactProfileAndNoAnswerAtAllAreNoFinding) {
  EXPECT_TRUE(ProfileFindingsOf({AnswerWith("a", 9000, 480)}).empty());
  EXPECT_TRUE(ProfileFindingsOf({}).empty());
  EXPECT_TRUE(ProfileFindingsOf({Case{}}).empty());
}

// info.json has no JPEG: it neither has a profile nor speaks against one.
TEST(ProfileFindingTest, WhatIsNoJpegDoesNotCount) {
  EXPECT_EQ(ProfileFindingsOf({Case{}, AnswerWith("a", 9000, 3144)}).size(), 1u);
}

}  // namespace
}  // namespace iiifbench
