// What carries over to another format, and what does not.
#include "harness/attribution/what_if/transferred_habit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iiifbench {
namespace {

using ::testing::HasSubstr;

ImageInfo Levels(int count, Size tile = {256, 256}) {
  ImageInfo info{.size = {4096, 4096}, .channels = 3, .levels = {}, .tile = tile, .detail = ""};
  for (int level = 0; level < count; ++level) info.levels.push_back({4096 >> level, 4096 >> level});
  return info;
}

class TransferHabitTest : public ::testing::Test {
 protected:
  TransferredHabit ToTiff(Access access, LevelUse use, const std::vector<DecodeHabit>& rivals = {},
                          const char* from = "jpeg") {
    fitted_.habit = {access, use};
    return TransferHabit(fitted_, rivals, {from, &four_}, {"tiff", &four_});
  }
  const ImageInfo four_ = Levels(4), one_ = Levels(1), untiled_ = Levels(1, {0, 0});
  Hypothesis fitted_;
};

TEST_F(TransferHabitTest, AServerThatDecodesWholeFilesDoesSoInTheOtherFormatToo) {
  fitted_.by_taps = true, fitted_.memory = NewMemory::kPictures, fitted_.filter = Filter::kBox;
  const TransferredHabit habit = ToTiff(Access::kFull, LevelUse::kNone);
  EXPECT_TRUE(habit.certain());
  EXPECT_EQ(habit.own.decode_name(), "full/none");
  // What is the program's comes along: a multiple of taps is none of our kernel.
  EXPECT_TRUE(habit.own.by_taps);
  EXPECT_EQ(habit.own.memory, NewMemory::kPictures);
  EXPECT_EQ(habit.own.filter, Filter::kBox);
}

TEST_F(TransferHabitTest, WhereItIsNotIdentifiedThereAreTwoEnds) {
  // The best fit says rows, but a whole decode explains the probes as well.
  const TransferredHabit habit =
      ToTiff(Access::kRows, LevelUse::kNone,
             {{Access::kFull, LevelUse::kNone}, {Access::kRegion, LevelUse::kNone}});
  EXPECT_EQ(habit.own.decode_name(), "full/none");
  EXPECT_EQ(habit.best.decode_name(), "region/fitting");
  EXPECT_THAT(habit.why, HasSubstr("full/none"));
}

TEST_F(TransferHabitTest, ADctScaleIsNoPyramidAndACarefulDecoderStaysOne) {
  const TransferredHabit scaled = ToTiff(Access::kFull, LevelUse::kFitting);
  EXPECT_EQ(scaled.own.decode_name(), "full/none");
  EXPECT_EQ(scaled.best.decode_name(), "full/fitting");
  EXPECT_TRUE(ToTiff(Access::kRegion, LevelUse::kFitting, {{}}, "jp2").certain());
  EXPECT_EQ(ToTiff(Access::kRegion, LevelUse::kFitting, {{}}, "jp2").own.decode_name(),
            "region/fitting");
}

TEST_F(TransferHabitTest, AFileWithoutLevelsShowsNothingOfPyramids) {
  fitted_.habit = {Access::kFull, LevelUse::kFitting};  // of one level: there is no other
  const TransferredHabit habit = TransferHabit(fitted_, {}, {"tiff", &untiled_}, {"tiff", &four_});
  EXPECT_EQ(habit.own.decode_name(), "full/none");
  EXPECT_EQ(habit.best.decode_name(), "full/fitting");
  fitted_.habit = {};
  EXPECT_EQ(TransferHabit(fitted_, {}, {"tiff", &one_}, {"tiff", &four_}).own.decode_name(),
            "region/none");
  // The same format with the same levels: as it is.
  EXPECT_TRUE(TransferHabit(fitted_, {}, {"tiff", &four_}, {"tiff", &four_}).certain());
}

}  // namespace
}  // namespace iiifbench
