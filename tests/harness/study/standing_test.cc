// Which cells of a study stand, and what one cell does to the whole.
#include "harness/study/standing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/harness/findings/figures.h"

namespace iiifbench {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

StudyCell Measured(const std::string& request_class, int samples = 8) {
  StudyCell cell{.server = "a",
                 .recipe = "tiff",
                 .request_class = request_class,
                 .page = "map",
                 .state = {CellStatus::kMeasured}};
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
  ASSERT_THAT(IdsOf(FaultsOf(slow)), ElementsAre("own-lag"));
  EXPECT_THAT(FiguresIn(FaultsOf(slow)[0].text), ElementsAre(0.6, DoubleNear(10, 0.1), 5));
  StudyCell few = Measured("tile", 5);
  ASSERT_THAT(IdsOf(FaultsOf(few)), ElementsAre("too-few-samples"));
  EXPECT_THAT(FiguresIn(FaultsOf(few)[0].text), ElementsAre(5, 95, 6));
  StudyCell wrong = Measured("crop");
  wrong.wrong = 2;
  wrong.failures = {{"cut off", 3}};
  ASSERT_THAT(IdsOf(FaultsOf(wrong)), ElementsAre("wrong-answers", "requests-failed"));
  EXPECT_THAT(FiguresIn(FaultsOf(wrong)[0].text), ElementsAre(2));
  EXPECT_THAT(FiguresIn(FaultsOf(wrong)[1].text), ElementsAre(3));
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
  EXPECT_THAT(IdsOf(BrokenRules(WithCells({slow, few}))),
              ElementsAre("own-lag", "too-few-samples"));
}

TEST(StandingTest, NothingMeasuredIsSaidWithTheReason) {
  EXPECT_EQ(NothingMeasured(WithCells({Measured("full")})), "");
  EXPECT_EQ(NothingMeasured(WithCells({})), "there is no request");
  StudyCell refused{.server = "a", .state = {CellStatus::kServerGone, "connection refused"}};
  EXPECT_EQ(NothingMeasured(WithCells({refused})), "a: connection refused");
}

}  // namespace
}  // namespace iiifbench
