// A picture of noise as a JPEG and as TIFFs, a tile of it asked, and a fit of the JPEG: for tests.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <random>

#include "data/corpus.h"
#include "harness/attribution/what_if/predict.h"

namespace iiifbench {

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
      EXPECT_TRUE(WriteFile(files_.back(), bytes).ok());
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

}  // namespace iiifbench
