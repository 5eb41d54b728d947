#include "harness/study/compared_servers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/report/compare/compare_report.h"

namespace iiifbench {
namespace {

using testing::Contains;
using testing::HasSubstr;

StudyCell Cell(const std::string& server, double ms, int rounds = 20) {
  StudyCell cell{.server = server,
                 .recipe = "tiff",
                 .request_class = "tile",
                 .page = "map",
                 .path = {},
                 .state = {CellStatus::kMeasured},
                 .rounds = {}};
  for (int i = 0; i < rounds; ++i) {
    cell.rounds.push_back(i);
    cell.total_ms.push_back(ms * (1 + 0.002 * ((i * 7 + static_cast<int>(ms * 10)) % 10)));
  }
  return cell;
}

nlohmann::json Compared(const Study& study, const std::string& again) {
  auto pair = PairsOf(study, "a", "b", again);
  EXPECT_TRUE(pair.ok()) << pair.error().message;
  return CompareRuns(pair->a, pair->b, {.paired = true});
}

TEST(ComparedServersTest, WhatTwoSessionsOfADifferByIsNoVerdict) {
  Study study{.servers = {},
              .cells = {Cell("a", 10), Cell("b", 10.8), Cell("a#again", 11)},
              .complete = true};
  auto json = Compared(study, "");
  ASSERT_EQ(json["cases"].size(), 1u);
  EXPECT_EQ(json["cases"][0]["name"], "tiff/page:map/tile");
  EXPECT_EQ(json["cases"][0]["change"], "slower") << "8 % by itself";
  EXPECT_FALSE(json["cases"][0].contains("again"));
  json = Compared(study, "a#again");
  EXPECT_NEAR(json["cases"][0]["again"].get<double>(), 1.1, 0.01);
  EXPECT_GE(json["cases"][0]["noise"].get<double>(), 0.09);
  EXPECT_EQ(json["cases"][0]["change"], "no difference") << "another session of A differs by 10 %";
  study.cells[2] = Cell("a#again", 10.05);
  EXPECT_EQ(Compared(study, "a#again")["cases"][0]["change"], "slower");
}

TEST(ComparedServersTest, PairsAreOfOneRoundAndWarningsNameOtherWork) {
  Study study{.servers = {},
              .cells = {Cell("a", 10, 8), Cell("b", 20, 6)},
              .not_reportable = {{"stopped-early", "stopped before the end"}}};
  study.cells[0].rounds = {0, 1, 2, 3, 4, 5, 7, 9};
  study.cells[1].rounds = {1, 2, 3, 9, 10, 11};
  study.cells[1].traps = {{"other-quality", "q75 instead of q90"}};
  const auto pair = PairsOf(study, "a", "b", "");
  ASSERT_TRUE(pair.ok());
  ASSERT_EQ(pair->a.cases.size(), 1u);
  EXPECT_EQ(pair->a.cases[0].ms.size(), 4u);
  EXPECT_EQ(pair->b.cases[0].ms.size(), 4u);
  EXPECT_EQ(pair->a.cases[0].ms[3], study.cells[0].total_ms[7]);
  EXPECT_EQ(pair->b.cases[0].ms[3], study.cells[1].total_ms[3]);
  EXPECT_THAT(pair->b.warnings, Contains(HasSubstr("tiff/page:map/tile: other work: q75")));
  EXPECT_THAT(pair->b.warnings, Contains("NOT REPORTABLE: stopped before the end"));
  study.cells[1].total_ms.clear();
  study.cells[1].state = {CellStatus::kNotTaken, "refuses TIFF"};
  const auto none = PairsOf(study, "a", "b", "");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().message, "b: nothing was measured: refuses TIFF");
}

TEST(ComparedServersTest, TheSecondSessionOfAKeepsItsSettings) {
  EXPECT_EQ(AgainLabel("reference"), "reference#again");
  EXPECT_EQ(AgainLabel("reference#x:workers=2"), "reference#again:workers=2");
  EXPECT_EQ(AgainLabel("url"), "") << "one server, however often it is measured";
}

}  // namespace
}  // namespace iiifbench
