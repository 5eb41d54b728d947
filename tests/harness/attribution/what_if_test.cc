// What a change is promised to save, and how surely: habits that carry over to another format,
// intervals, ranges, ranking, and what a trial can tell from nothing.
#include "harness/attribution/what_if.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <random>

#include "data/corpus.h"
#include "harness/attribution/trying/carried.h"
#include "harness/attribution/trying/noise_floor.h"
#include "harness/attribution/trying/predict.h"

namespace iiifbench {
namespace {

using ::testing::HasSubstr;

ImageInfo Levels(int count, Size tile = {256, 256}) {
  ImageInfo info{.size = {4096, 4096}, .channels = 3, .levels = {}, .tile = tile, .detail = ""};
  for (int level = 0; level < count; ++level) info.levels.push_back({4096 >> level, 4096 >> level});
  return info;
}

class CarryTest : public ::testing::Test {
 protected:
  CarriedHabit ToTiff(Access access, LevelUse use, const std::vector<DecodeHabit>& rivals = {},
                      const char* from = "jpeg") {
    fitted_.habit = {access, use};
    return Carry(fitted_, rivals, {from, &four_}, {"tiff", &four_});
  }
  const ImageInfo four_ = Levels(4), one_ = Levels(1), untiled_ = Levels(1, {0, 0});
  Hypothesis fitted_;
};

TEST_F(CarryTest, AServerThatDecodesWholeFilesDoesSoInTheOtherFormatToo) {
  fitted_.by_taps = true, fitted_.memory = NewMemory::kPictures, fitted_.filter = Filter::kBox;
  const CarriedHabit habit = ToTiff(Access::kFull, LevelUse::kNone);
  EXPECT_TRUE(habit.certain());
  EXPECT_EQ(habit.own.decode_name(), "full/none");
  // What is the program's comes along: a multiple of taps is none of our kernel.
  EXPECT_TRUE(habit.own.by_taps);
  EXPECT_EQ(habit.own.memory, NewMemory::kPictures);
  EXPECT_EQ(habit.own.filter, Filter::kBox);
}

TEST_F(CarryTest, WhereItIsNotIdentifiedThereAreTwoEnds) {
  // The best fit says rows, but a whole decode explains the probes as well.
  const CarriedHabit habit =
      ToTiff(Access::kRows, LevelUse::kNone,
             {{Access::kFull, LevelUse::kNone}, {Access::kRegion, LevelUse::kNone}});
  EXPECT_EQ(habit.own.decode_name(), "full/none");
  EXPECT_EQ(habit.best.decode_name(), "region/fitting");
  EXPECT_THAT(habit.why, HasSubstr("full/none"));
}

TEST_F(CarryTest, ADctScaleIsNoPyramidAndACarefulDecoderStaysOne) {
  const CarriedHabit scaled = ToTiff(Access::kFull, LevelUse::kFitting);
  EXPECT_EQ(scaled.own.decode_name(), "full/none");
  EXPECT_EQ(scaled.best.decode_name(), "full/fitting");
  EXPECT_TRUE(ToTiff(Access::kRegion, LevelUse::kFitting, {{}}, "jp2").certain());
  EXPECT_EQ(ToTiff(Access::kRegion, LevelUse::kFitting, {{}}, "jp2").own.decode_name(),
            "region/fitting");
}

TEST_F(CarryTest, AFileWithoutLevelsShowsNothingOfPyramids) {
  fitted_.habit = {Access::kFull, LevelUse::kFitting};  // of one level: there is no other
  const CarriedHabit habit = Carry(fitted_, {}, {"tiff", &untiled_}, {"tiff", &four_});
  EXPECT_EQ(habit.own.decode_name(), "full/none");
  EXPECT_EQ(habit.best.decode_name(), "full/fitting");
  fitted_.habit = {};
  EXPECT_EQ(Carry(fitted_, {}, {"tiff", &one_}, {"tiff", &four_}).own.decode_name(), "region/none");
  // The same format with the same levels: as it is.
  EXPECT_TRUE(Carry(fitted_, {}, {"tiff", &four_}, {"tiff", &four_}).certain());
}

// A picture of noise in both formats, a tile of it asked, and a fit of the JPEG.
class OtherFormatTest : public ::testing::Test {
 protected:
  OtherFormatTest() {
    Image page({1536, 1536}, 3);
    std::mt19937 random(7);
    for (int64_t i = 0; i < page.bytes(); ++i)
      page.view().data[i] = static_cast<uint8_t>(random() % 64);
    for (const char* name : {"jpeg_q90", "tiff_deflate", "tiff_stripped"}) {
      const Codec* codec = nullptr;
      const Recipe* recipe = FindRecipe(name, &codec);
      std::vector<uint8_t> bytes;
      EXPECT_TRUE(codec->encode(page.view(), recipe->options, bytes).ok());
      files_.push_back(::testing::TempDir() +
                       fmt::format("what_if_{}_{}.{}", ::getpid(), name, recipe->extension));
      EXPECT_TRUE(WriteWhole(files_.back(), bytes).ok());
      auto source = Source::Open(files_.back());
      infos_.push_back(*codec->probe(**source));
      cases_.push_back(
          {.codec = std::string(codec->name),
           .file = files_.back(),
           .request = *ParseImageRequest("id/512,512,64,64/64,/0/default.jpg", ApiVersion::k2)});
      cases_.back().probe.path = "512,512,64,64/64,/0/default.jpg";
    }
    for (size_t i = 0; i < cases_.size(); ++i) cases_[i].info = &infos_[i];
    model_.beta = Eigen::VectorXd::Ones(kColumns);
  }
  ~OtherFormatTest() override {
    for (const auto& file : files_) std::remove(file.c_str());
  }
  // Milliseconds left of 1000.
  double Left(const Prediction& p) { return 1000 - p.saves_ms; }
  Prediction Predicted(DecodeHabit habit, const FittedModel* other = nullptr) {
    model_.hypothesis.habit = habit;
    return PredictOther({.latency_ms = 1000}, cases_[0], cases_[1], model_, other, costs_, false);
  }
  std::vector<std::string> files_;
  std::vector<ImageInfo> infos_;
  std::vector<Case> cases_;
  FittedModel model_;
  KernelCosts costs_;
};

TEST_F(OtherFormatTest, AWholeDecodeIsPredictedUnlessAFitSaysOtherwise) {
  const Prediction whole = Predicted({Access::kFull, LevelUse::kNone}), tile = Predicted({});
  EXPECT_GT(Left(whole), 3 * Left(tile));  // 2.4 Mpx against a tile of 64 px
  EXPECT_EQ(whole.unknown, "");
  FittedModel other = model_;
  other.hypothesis = {};
  EXPECT_LT(Left(Predicted({Access::kFull, LevelUse::kNone}, &other)), Left(whole) / 3);
}

TEST_F(OtherFormatTest, WhatIsNotIdentifiedIsARangeWithItsLowerEndInFront) {
  model_.rivals = {{Access::kFull, LevelUse::kNone}};
  const Prediction range = Predicted({Access::kRows, LevelUse::kNone});
  EXPECT_NE(range.unknown, "");
  EXPECT_GT(Left(range), 3 * (1000 - range.high));
}

TEST_F(OtherFormatTest, AFileWithoutLevelsPromisesNoPyramidToAServerThatDecodesItWhole) {
  Hypothesis whole{.habit = {Access::kFull, LevelUse::kFitting}};
  std::vector<WhatIf> what_ifs;
  AddWhatIfs(cases_[2], whole, model_.beta, {}, costs_, false, {.path = "tile", .measured_ms = 0.1},
             0.03, what_ifs);
  ASSERT_EQ(what_ifs.size(), 1u);
  EXPECT_EQ(what_ifs[0].kind, "pyramid");
  EXPECT_EQ(what_ifs[0].saves_ms, 0);
  EXPECT_FALSE(what_ifs[0].claimed());
  EXPECT_GT(what_ifs[0].high, 1);
  EXPECT_THAT(what_ifs[0].unknown, HasSubstr("not known"));
  // With levels in the file the same habit is what costs.
  what_ifs.clear();
  whole.habit.levels = LevelUse::kNone;
  AddWhatIfs(cases_[1], whole, model_.beta, {}, costs_, false, {.path = "tile", .measured_ms = 0.1},
             0.03, what_ifs);
  ASSERT_EQ(what_ifs.size(), 1u);
  EXPECT_EQ(what_ifs[0].kind, "levels");
  EXPECT_TRUE(what_ifs[0].sure());
}

TEST(RangeTest, TheLowerEndIsTheSavingAndTheIntervalHoldsBoth) {
  const Prediction range = Between({.saves_ms = -20, .low = -30, .high = -10, .latency_ms = 500},
                                   {.saves_ms = 340, .low = 330, .high = 350}, "not known");
  EXPECT_EQ(range.saves_ms, -20);
  EXPECT_EQ(range.low, -30);
  EXPECT_EQ(range.high, 350);
  EXPECT_EQ(range.latency_ms, 500);
}

TEST(IntervalTest, ItHoldsTheErrorOfTheModelThatPredicts) {
  FittedModel model{.hypothesis = {}, .beta = Eigen::VectorXd::Ones(kColumns), .replicates = {}};
  Eigen::RowVectorXd after = Eigen::RowVectorXd::Zero(kColumns);
  after[kImage] = 2, after[kDecode] = 8;
  FittedModel other = model;
  other.error = 0.04;  // 2.5 x 4 % of 10 ms
  const Prediction p = FromOtherFormat({.latency_ms = 50}, after, model, &other);
  EXPECT_DOUBLE_EQ(p.saves_ms, 40);
  EXPECT_DOUBLE_EQ(p.low, 39);
  EXPECT_DOUBLE_EQ(p.high, 41);
  // And the noise of the latency it was made from, as squares.
  EXPECT_DOUBLE_EQ(FromOtherFormat({.latency_ms = 50, .noise_ms = 0.75}, after, model, &other).low,
                   38.75);
}

TEST(IntervalTest, OnlyWhatAChangeTouchesIsUnsure) {
  Eigen::RowVectorXd parts = Eigen::RowVectorXd::Zero(kColumns);
  parts[kDecode] = 6, parts[kEncode] = 3;
  Eigen::RowVectorXd now = parts, then = parts;
  const Eigen::VectorXd beta = Eigen::VectorXd::Constant(kColumns, 2);
  EXPECT_DOUBLE_EQ(Touched(parts, beta, now, then, {}), 0);
  then[kDecode] = 1;  // of 6: the larger counts
  EXPECT_DOUBLE_EQ(Touched(parts, beta, now, then, {}), 6);
  then[kDecode] = 9;
  EXPECT_DOUBLE_EQ(Touched(parts, beta, now, then, {}), 9);
  then = now, then[kResize] = 5;  // appears: at its multiple
  EXPECT_DOUBLE_EQ(Touched(parts, beta, now, then, {}), 10);
  EXPECT_DOUBLE_EQ(Touched(parts, beta, now, now, {{kEncode, 1}}), 3);
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

TEST(NoiseFloorTest, WhatTwoEqualArmsDifferByIsNoSaving) {
  const std::vector<double> ten = {10, 10, 10, 10, 10}, more = {10.5, 10.5, 10.5, 10.5, 10.5};
  EXPECT_DOUBLE_EQ(NoiseFloor(ten, ten, more), 0.5);
  EXPECT_DOUBLE_EQ(NoiseFloor(ten, more, ten), 0);
  // Scatter counts where medians agree by chance; one pause does not.
  const std::vector<double> wide = {8, 9, 10, 11, 12}, pause = {10, 10, 10, 10, 90};
  EXPECT_GT(NoiseFloor(ten, wide, ten), 1);
  EXPECT_DOUBLE_EQ(NoiseFloor(pause, ten, ten), 0);
  // More samples know more.
  std::vector<double> many;
  for (int i = 0; i < 20; ++i) many.insert(many.end(), wide.begin(), wide.end());
  EXPECT_LT(NoiseFloor(ten, many, ten), NoiseFloor(ten, wide, ten) / 3);
}

}  // namespace
}  // namespace iiifbench
