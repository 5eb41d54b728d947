#include "harness/attribution/trying/trial.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>

#include "data/corpus.h"
#include "harness/attribution/situations/pyramid_gap.h"
#include "harness/attribution/trying/not_offered.h"
#include "harness/attribution/trying/predict.h"

namespace iiifbench {
namespace {

ImageInfo Pyramid() {
  return {.size = {6000, 4000},
          .channels = 3,
          .levels = {{6000, 4000}, {3000, 2000}, {1500, 1000}, {750, 500}},
          .tile = {256, 256},
          .detail = ""};
}

TEST(TrialTest, ARegionMovesToTheTileBoundaryOfItsLevel) {
  const ImageInfo info = Pyramid();
  EXPECT_EQ(AlignedRequest(info, "1200,1800,1024,1024/1024,/0/default.jpg", ApiVersion::k2),
            "1024,1792,1024,1024/1024,/0/default.jpg");
  // At half size the tiles of level 1 count: 512 px of the page each.
  EXPECT_EQ(AlignedRequest(info, "1300,1800,1024,1024/512,/0/default.jpg", ApiVersion::k2),
            "1024,1536,1024,1024/512,/0/default.jpg");
  EXPECT_EQ(AlignedRequest(info, "1024,1536,1024,1024/512,/0/default.jpg", ApiVersion::k2), "");
  EXPECT_EQ(AlignedRequest(info, "full/800,/0/default.jpg", ApiVersion::k2), "");
  ImageInfo untiled = info;
  untiled.tile = {0, 0};
  EXPECT_EQ(AlignedRequest(untiled, "1200,1800,1024,1024/1024,/0/default.jpg", ApiVersion::k2), "");
}

TEST(TrialTest, ASizeMovesToTheNearestStoredOneUnlessThatIsFarOff) {
  const ImageInfo info = Pyramid();
  EXPECT_EQ(StoredSizeRequest(info, "full/800,/0/default.jpg", ApiVersion::k2),
            "full/750,/0/default.jpg");
  EXPECT_EQ(StoredSizeRequest(info, "full/750,/0/default.jpg", ApiVersion::k2), "");
  EXPECT_EQ(StoredSizeRequest(info, "full/2100,/0/default.jpg", ApiVersion::k2), "");
  EXPECT_EQ(StoredSizeRequest(info, "0,0,600,600/300,/0/default.jpg", ApiVersion::k2), "");
}

TEST(TrialTest, AWidthIsSpelledAloneWhereThePixelsStayTheSame) {
  const ImageInfo info = Pyramid();
  EXPECT_EQ(WidthOnlyRequest(info, "full/750,500/0/default.jpg", ApiVersion::k2),
            "full/750,/0/default.jpg");
  EXPECT_EQ(WidthOnlyRequest(info, "0,0,512,512/256,256/0/default.jpg", ApiVersion::k2),
            "0,0,512,512/256,/0/default.jpg");
  EXPECT_EQ(WidthOnlyRequest(info, "full/750,300/0/default.jpg", ApiVersion::k2), "");  // distorted
  EXPECT_EQ(WidthOnlyRequest(info, "full/750,/0/default.jpg", ApiVersion::k2), "");
  EXPECT_EQ(WidthOnlyRequest(info, "full/!750,500/0/default.jpg", ApiVersion::k2), "");
  EXPECT_EQ(WidthOnlyRequest(info, "full/full/0/default.jpg", ApiVersion::k2), "");
}

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
  const Ground ground{.latency_ms = 14, .fitted = Fitted()};
  const FittedModel model = Model();
  const auto parts = PartsOf(ground, model.beta);
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
  Ground ground{.latency_ms = 14, .fitted = Fitted()};
  ground.profile = {{"decode", 4}, {"read", 1},    {"resize", 2},
                    {"encode", 1}, {"off-cpu", 2}, {"network", 9}};
  const auto parts = PartsOf(ground, model.beta);
  EXPECT_DOUBLE_EQ(parts.sum(), 14);
  EXPECT_DOUBLE_EQ(parts[kDecode], 7);
  EXPECT_DOUBLE_EQ(parts[kEncode], 1.4);
  EXPECT_DOUBLE_EQ(parts[kImage], 2.8);
  EXPECT_DOUBLE_EQ(PartsOf(ground, model.beta, false)[kDecode], 8);
  ground.profile["unknown"] = 3;
  EXPECT_DOUBLE_EQ(PartsOf(ground, model.beta)[kDecode], 8);
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

TEST(PyramidGapTest, LevelsThatAreNotHalvesAreNamedAndAShortPyramidIsNone) {
  ImageInfo info = Pyramid();
  EXPECT_EQ(PyramidGap(info), "");
  info.levels = {{6000, 4000}, {3000, 2000}};
  EXPECT_EQ(PyramidGap(info), "");
  info.levels = {{4001, 6000}, {2000, 3000}, {1001, 1500}};  // rounded down, rounded up
  EXPECT_EQ(PyramidGap(info), "");
  info.levels = {{4000, 6000}, {250, 375}, {125, 187}};
  EXPECT_NE(PyramidGap(info).find("widths 4000, 250, 125"), std::string::npos);
}

TEST(CutPyramidTest, TheFirstLevelsStayAndTheirPixels) {
  Image page({1001, 700}, 3);
  std::memset(page.view().data, 77, static_cast<size_t>(page.bytes()));
  std::vector<uint8_t> bytes;
  ASSERT_TRUE(
      FindCodec("tiff")->encode(page.view(), FindRecipe("tiff_deflate")->options, bytes).ok());
  const std::string file = ::testing::TempDir() + fmt::format("cut_{}.tif", ::getpid());
  for (int levels : {2, 1, 5}) {
    ASSERT_TRUE(WriteWhole(file, bytes).ok());
    ASSERT_TRUE(CutPyramid(file, levels).ok());
    auto source = Source::Open(file);
    ASSERT_TRUE(source.ok());
    auto info = FindCodec("tiff")->probe(**source);
    ASSERT_TRUE(info.ok()) << info.error().message;
    EXPECT_EQ(info->levels.size(), static_cast<size_t>(std::min(levels, 3)));
    auto picture = DecodeWhole(**source);
    ASSERT_TRUE(picture.ok());
    EXPECT_EQ(picture->view().data[12345], 77);
  }
  std::remove(file.c_str());
  EXPECT_TRUE(CutPyramid(file, 2).ok());  // what is no TIFF is left alone
}

TEST(NotOfferedTest, EveryKindHasAReasonOnceUnlessItIsOffered) {
  Observed observed;
  observed.codec = "jpeg";
  observed.info = std::make_unique<ImageInfo>(Pyramid());
  Attribution attribution;
  attribution.what_ifs.push_back({.path = "tile", .change = "index", .kind = "index sidecar"});
  attribution.not_offered = {{"cache", "no setting"}, {"cache", "no setting"}};
  AddNotOffered(observed, false, attribution);
  int caches = 0;
  for (const auto& line : attribution.not_offered) {
    EXPECT_NE(line.kind, "index sidecar");
    EXPECT_FALSE(line.reason.empty());
    caches += line.kind == "cache";
    if (line.kind == "PLT markers") {
      EXPECT_EQ(line.reason, "the source is no JPEG 2000");
    }
  }
  EXPECT_EQ(caches, 1);
  EXPECT_EQ(attribution.not_offered.size(), 12u);  // of thirteen kinds
}

}  // namespace
}  // namespace iiifbench
