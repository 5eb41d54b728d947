// What a change is predicted to save, and how surely.
#include "harness/attribution/what_if/predict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/harness/attribution/what_if/picture_in_two_formats.h"

namespace iiifbench {
namespace {

FittedModel Model() {
  FittedModel model{.hypothesis = {}, .beta = Eigen::VectorXd::Zero(kColumns), .replicates = {}};
  model.beta[kInfo] = 0.5, model.beta[kImage] = 1, model.beta[kDecode] = 2, model.beta[kResize] = 1;
  model.beta[kEncode] = 1;
  return model;
}

// 1 ms of constant, decode of 2 x 4, resize of 3, encode of 2 ms: 14 in all.
Eigen::RowVectorXd Fitted() {
  Eigen::RowVectorXd row = Eigen::RowVectorXd::Zero(kColumns);
  row[kImage] = 1, row[kDecode] = 4, row[kResize] = 3, row[kEncode] = 2;
  return row;
}

TEST(PredictTest, ACacheHitCostsWhatAnInfoCosts) {
  const Prediction hit = PredictHit({.latency_ms = 20, .fixed_ms = 1}, Model());
  EXPECT_DOUBLE_EQ(hit.saves_ms, 18.5);
  EXPECT_DOUBLE_EQ(hit.low, 18.5);
  // Never less than nothing is left; and the fit's own error bounds what is known.
  EXPECT_DOUBLE_EQ(PredictHit({.latency_ms = 1.2, .fixed_ms = 1}, Model()).saves_ms, 0);
  const Prediction unsure =
      PredictHit({.latency_ms = 20, .fixed_ms = 1, .fit_error = 0.1}, Model());
  EXPECT_DOUBLE_EQ(unsure.low, 18.375);
  EXPECT_DOUBLE_EQ(unsure.high, 18.625);
}

TEST(PredictTest, WhatIsLeftFollowsTheKernelsRatiosOfNowNotThoseOfTheFit) {
  const Baseline baseline{.latency_ms = 14, .fitted = Fitted()};
  const FittedModel model = Model();
  const auto parts = PartsOf(baseline, model.beta);
  EXPECT_DOUBLE_EQ(parts.sum(), 14);
  // The machine is half as fast as at the fit, on both sides: a quarter of the decode is left.
  Eigen::RowVectorXd now = 2 * Fitted(), then = now;
  now[kImage] = then[kImage] = 1;
  then[kDecode] = now[kDecode] / 4;
  EXPECT_DOUBLE_EQ(ShareLeft(parts, model.beta, now, then, {}), (14 - 6) / 14.0);
  // Another multiple of the same kernel.
  EXPECT_DOUBLE_EQ(ShareLeft(parts, model.beta, now, now, {{kDecode, 1}}), (14 - 4) / 14.0);
  // A resize that was none before costs its kernel.
  Eigen::RowVectorXd none = parts;
  none[kResize] = 0, now[kResize] = 0, then = now, then[kResize] = 5;
  EXPECT_DOUBLE_EQ(ShareLeft(none, model.beta, now, then, {}), (11 + 5) / 11.0);
}

TEST(PredictTest, AProfileThatNamesTheStagesSaysTheSharesElseTheFitDoes) {
  const FittedModel model = Model();
  Baseline baseline{.latency_ms = 14, .fitted = Fitted()};
  baseline.profile = {{Stage::kDecode, 4}, {Stage::kRead, 1},       {Stage::kResize, 2},
                      {Stage::kEncode, 1}, {OtherPart::kOffCpu, 2}, {Stage::kNetwork, 9}};
  const auto parts = PartsOf(baseline, model.beta);
  EXPECT_DOUBLE_EQ(parts.sum(), 14);
  EXPECT_DOUBLE_EQ(parts[kDecode], 7);
  EXPECT_DOUBLE_EQ(parts[kEncode], 1.4);
  EXPECT_DOUBLE_EQ(parts[kImage], 2.8);
  EXPECT_DOUBLE_EQ(PartsOf(baseline, model.beta, false)[kDecode], 8);
  baseline.profile[OtherPart::kUnknown] = 3;
  EXPECT_DOUBLE_EQ(PartsOf(baseline, model.beta)[kDecode], 8);
}

TEST(PredictTest, AnotherFormatCostsItsKernelsWhateverTheDecoderThatGoesTakesNow) {
  // 2 x 1 of decode, resize of 3, encode of 2, constant of 1: 8 are left of 100 as of 80.
  Eigen::RowVectorXd after = Fitted();
  after[kDecode] = 1;
  for (const double latency : {100.0, 80.0}) {
    const Prediction guess =
        FromOtherFormat({.latency_ms = latency, .fixed_ms = 1}, after, Model(), nullptr);
    EXPECT_DOUBLE_EQ(guess.saves_ms, latency - 1 - 8);
    EXPECT_DOUBLE_EQ(guess.low, latency - 1 - 9);
    const FittedModel other = Model();
    EXPECT_DOUBLE_EQ(FromOtherFormat({.latency_ms = latency}, after, Model(), &other).saves_ms,
                     latency - 8);
  }
}

// A request whose threads work 900 ms in 600: two workers are not ready before both cores have
// worked for two.
TEST(PredictTest, TwoWorkersAreNoFasterThanTheCoresAllow) {
  const Prediction alone =
      PredictTwoWorkers({.now_ms = 96, .alone_ms = 40, .busy = 1.2, .most = 1.25});
  EXPECT_DOUBLE_EQ(alone.saves_ms, 48);
  EXPECT_DOUBLE_EQ(alone.low, 36);
  EXPECT_DOUBLE_EQ(alone.high, 58);
  TwoClients threads{.now_ms = 1130, .alone_ms = 600, .processor_ms = 900};
  EXPECT_DOUBLE_EQ(PredictTwoWorkers(threads).saves_ms, 230);
  EXPECT_DOUBLE_EQ(PredictTwoWorkers(threads).low, 50);
  EXPECT_DOUBLE_EQ(PredictTwoWorkers(threads).high, 275);
  threads.cores = 8;
  EXPECT_DOUBLE_EQ(PredictTwoWorkers(threads).saves_ms, 530);
}

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

}  // namespace
}  // namespace iiifbench
