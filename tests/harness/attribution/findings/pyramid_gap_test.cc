// Pyramids with a level missing, and files that are cut to a few levels.
#include "harness/attribution/findings/pyramid_gap.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "data/corpus.h"

namespace iiifbench {
namespace {

ImageInfo Pyramid() {
  return {.size = {6000, 4000},
          .channels = 3,
          .levels = {{6000, 4000}, {3000, 2000}, {1500, 1000}, {750, 500}},
          .tile = {256, 256},
          .detail = ""};
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
    ASSERT_TRUE(WriteFile(file, bytes).ok());
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

}  // namespace
}  // namespace iiifbench
