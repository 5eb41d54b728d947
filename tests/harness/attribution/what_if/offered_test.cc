// What the fit alone offers, and in which order.
#include "harness/attribution/what_if/offered.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/harness/attribution/what_if/picture_in_two_formats.h"

namespace iiifbench {
namespace {

using ::testing::HasSubstr;

TEST_F(OtherFormatTest, AFileWithoutLevelsPromisesNoPyramidToAServerThatDecodesItWhole) {
  const Hypothesis whole{.habit = {Access::kFull, LevelUse::kFitting}};
  std::vector<WhatIf> what_ifs;
  model_.error = 0.03;
  model_.hypothesis = whole;
  AddWhatIfs(cases_[2], model_, costs_, false, {.path = "tile", .measured_ms = 0.1}, what_ifs);
  ASSERT_EQ(what_ifs.size(), 1u);
  EXPECT_EQ(what_ifs[0].kind, "pyramid");
  EXPECT_EQ(what_ifs[0].saves_ms, 0);
  EXPECT_FALSE(what_ifs[0].claimed());
  EXPECT_GT(what_ifs[0].high, 1);
  EXPECT_THAT(what_ifs[0].unknown, HasSubstr("not known"));
  // With levels in the file the same habit is what costs.
  what_ifs.clear();
  model_.hypothesis.habit.levels = LevelUse::kNone;
  AddWhatIfs(cases_[1], model_, costs_, false, {.path = "tile", .measured_ms = 0.1}, what_ifs);
  ASSERT_EQ(what_ifs.size(), 1u);
  EXPECT_EQ(what_ifs[0].kind, "levels");
  EXPECT_TRUE(what_ifs[0].sure());
}

TEST(RankTest, ASavingThatIsNotSureIsNotInFrontHoweverLarge) {
  std::vector<WhatIf> all = {{.path = "a", .change = "", .saves_ms = 40, .low = 5, .high = 80},
                             {.path = "b", .change = "", .saves_ms = 3, .low = 2, .high = 4},
                             {.path = "c", .change = "", .saves_ms = 10, .low = -1, .high = 12},
                             {.path = "d", .change = "", .saves_ms = 8, .low = 7, .high = 9}};
  // A range that promises 9 and may reach 300.
  all.push_back(
      {.path = "e", .change = "", .saves_ms = 9, .low = 8, .high = 300, .unknown = "how"});
  // Of 98 ms that two clients wait, where one alone waits 40: surer and larger, and no help to the
  // one.
  all.push_back(
      {.path = "f", .change = "", .saves_ms = 48, .low = 36, .high = 50, .under_load = true});
  RankWhatIfs(all);
  std::string order;
  for (const auto& w : all) order += w.path;
  EXPECT_EQ(order, "edbfac");
  EXPECT_TRUE(all[0].sure());
  EXPECT_FALSE(all[4].sure());
  EXPECT_TRUE(all[4].claimed());
  EXPECT_FALSE(all[5].claimed());
  // One whose lower end is nothing is not sure of anything.
  all[0].low = -8;
  EXPECT_FALSE(all[0].sure());
}

}  // namespace
}  // namespace iiifbench
