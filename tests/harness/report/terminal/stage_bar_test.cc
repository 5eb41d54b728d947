// A bar has the letters that it was given, in proportion, whatever the parts sum to.
#include "harness/report/terminal/stage_bar.h"

#include <gmock/gmock.h>

#include <set>

#include "kernels/image/stage.h"

namespace iiifbench {
namespace {

TEST(StageBarTest, LettersAreInProportionAndTheRestIsUnexplained) {
  const std::vector<Part> parts = {{.stages = {"read"}, .ms = 10},
                                   {.stages = {"decode", "resize"}, .ms = 50}};
  EXPECT_EQ(StageBar(parts, 100, 10, {}), "rdsdsd????");
}

TEST(StageBarTest, PartsBeyondTheWholeAreCut) {
  EXPECT_EQ(StageBar({{.stages = {"decode"}, .ms = 300}}, 100, 5, {}), "ddddd");
  EXPECT_EQ(StageBar({{.stages = {"decode"}, .ms = -3}}, 100, 3, {}), "???");
  EXPECT_EQ(StageBar({}, 0, 5, {}), "");
}

TEST(StageBarTest, EveryStageHasALetterOfItsOwn) {
  std::set<char> letters = {'?'};
  for (const Stage stage : kStages) letters.insert(StageLetter(StageName(stage)));
  EXPECT_EQ(letters.size(), kStages.size() + 1);
}

TEST(StageBarTest, TheLegendNamesWhatIsDrawn) {
  EXPECT_THAT(StageLegend({"encode", "decode"}, true, {}),
              ::testing::ElementsAre("  d decode  e encode  ? unexplained"));
  EXPECT_THAT(StageLegend({"encode", "decode"}, true, {.columns = 24}),
              ::testing::ElementsAre("  d decode  e encode", "  ? unexplained"));
}

}  // namespace
}  // namespace iiifbench
