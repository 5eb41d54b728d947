// Which cells of a study stand, and what one cell does to the whole.
#include "harness/study/standing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iiifbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

StudyCell Measured(const std::string& request_class, int samples = 8) {
  StudyCell cell{.server = "a",
                 .recipe = "tiff",
                 .request_class = request_class,
                 .page = "map",
                 .status = "measured"};
  for (int i = 0; i < samples; ++i) cell.total_ms.push_back(10 + 0.01 * (i * 3 % 8));
  return cell;
}

Study WithCells(std::vector<StudyCell> cells) {
  return {.servers = {{.name = "a", .title = "A", .version = "1.0", .status = "measured"}},
          .cells = std::move(cells),
          .complete = true};
}

TEST(StandingTest, ARuleThatOneCellBreaksMarksThatCell) {
  StudyCell slow = Measured("info");
  slow.lag_ms.assign(8, 0.6);
  EXPECT_THAT(FaultsOf(slow), ElementsAre(HasSubstr("our own lag is 0.600 of 10.0")));
  StudyCell few = Measured("tile", 5);
  EXPECT_THAT(FaultsOf(few), ElementsAre(HasSubstr("5 samples are too few")));
  StudyCell wrong = Measured("crop");
  wrong.wrong = 2;
  wrong.failures = {{"cut off", 3}};
  EXPECT_THAT(FaultsOf(wrong), ElementsAre(HasSubstr("2 answers were wrong"),
                                           "3 requests failed after a right warm-up: cut off"));
  EXPECT_THAT(FaultsOf(Measured("full")), IsEmpty());
  EXPECT_TRUE(Stands(Measured("full"), {}));
  EXPECT_FALSE(Stands(Measured("full"), {.confirmed = true}));
  EXPECT_FALSE(Stands(slow, {}));
  EXPECT_FALSE(Stands(StudyCell{}, {})) << "what was not measured does not stand";
  EXPECT_THAT(FaultsOf(StudyCell{}), IsEmpty());
}

TEST(StandingTest, TheWholeIsNotReportableWhereNoCellStands) {
  StudyCell slow = Measured("info"), few = Measured("tile", 5);
  slow.lag_ms.assign(8, 0.6);
  EXPECT_THAT(BrokenRules(WithCells({slow, few, Measured("full")})), IsEmpty());
  EXPECT_THAT(BrokenRules(WithCells({slow, few})),
              ElementsAre(HasSubstr("our own lag is above 5 %"),
                          HasSubstr("1 of 2 cells have fewer than 6 samples")));
}

TEST(StandingTest, NothingMeasuredIsSaidWithTheReason) {
  EXPECT_EQ(NothingMeasured(WithCells({Measured("full")})), "");
  EXPECT_EQ(NothingMeasured(WithCells({})), "there is no request");
  StudyCell refused{.server = "a", .status = "connection refused"};
  EXPECT_EQ(NothingMeasured(WithCells({refused})), "a: connection refused");
}

}  // namespace
}  // namespace iiifbench
