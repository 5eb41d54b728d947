#include "kernels/iiif/render_plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "kernels/iiif/render.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

// IIIFBENCH_ROUNDS=10000 for the long run.
int Rounds(int quick) {
  const char* asked = std::getenv("IIIFBENCH_ROUNDS");
  return asked == nullptr ? quick : std::atoi(asked);
}

ImageInfo Pyramid(Size size, bool ceiling) {
  ImageInfo info{.size = size, .channels = 3};
  for (int n = 0; n < 4; ++n) {
    const int up = ceiling ? (1 << n) - 1 : 0;
    info.levels.push_back(
        {std::max(1, (size.width + up) >> n), std::max(1, (size.height + up) >> n)});
  }
  return info;
}

std::string RandomPath(Size size, std::mt19937_64& random, Region& region) {
  region = RandomRegion(size, random);
  const auto side = [&](int from) {
    return 1 + static_cast<int>(random() % static_cast<uint64_t>(std::min(2 * from, 400)));
  };
  return fmt::format("id/{},{},{},{}/{},{}/0/default.jpg", region.x, region.y, region.width,
                     region.height, side(region.width), side(region.height));
}

// The window, seen on the full picture, is the region that was asked for, and what Resize demands
// holds.
TEST(RenderPlanTest, EveryRegionIsPlacedWhereItIs) {
  std::mt19937_64 random(19);
  for (int round = 0; round < 10000; ++round) {
    const Size size{1 + static_cast<int>(random() % 1500), 1 + static_cast<int>(random() % 1500)};
    ImageInfo info = Pyramid(size, random() % 2 == 0);
    if (random() % 4 == 0) info.levels.push_back({std::max(1, size.width * 3 / 50), 1});
    Region region;
    const std::string path = RandomPath(size, random, region);
    auto plan = MakeRenderPlan(info, *ParseImageRequest(path, ApiVersion::k2));
    ASSERT_TRUE(plan.ok()) << path << ": " << plan.error().message;
    SCOPED_TRACE(fmt::format("{} of {}x{} level {}", path, size.width, size.height, plan->level));
    const Size level = info.levels[static_cast<size_t>(plan->level)];
    const double across = LevelScale(size.width, level.width, plan->level);
    const double down = LevelScale(size.height, level.height, plan->level);
    EXPECT_NEAR((plan->window.x + plan->level_region.x) * across, region.x, 1e-6);
    EXPECT_NEAR((plan->window.y + plan->level_region.y) * down, region.y, 1e-6);
    EXPECT_NEAR(plan->window.width * across, region.width, 1e-6);
    EXPECT_NEAR(plan->window.height * down, region.height, 1e-6);
    EXPECT_GT(plan->window.x, -1e-9);
    EXPECT_GT(plan->window.y, -1e-9);
    EXPECT_LT(plan->window.x + plan->window.width, plan->level_region.width + 1);
    EXPECT_LT(plan->window.y + plan->window.height, plan->level_region.height + 1);
    EXPECT_TRUE(plan->crop.inside(plan->level_region.size()));
  }
}

// Slopes in both directions: one source pixel beside shows as a difference of a whole step.
Image Slopes(Size size) {
  Image page(size, 3);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const auto wave = [](int at, int period) {
        const int phase = at % period;
        return static_cast<uint8_t>(20 + 215 * std::min(phase, period - phase) * 2 / period);
      };
      uint8_t* p = page.view().row(y) + ptrdiff_t{3} * x;
      p[0] = wave(x, 240), p[1] = wave(y, 240), p[2] = wave(x + y, 240);
    }
  }
  return page;
}

// Pixels of random regions of a picture of odd size, beside the scalar twin on the whole picture.
TEST(RenderPlanTest, RandomRegionsShowTheirPartOfThePicture) {
  const Size size{1001, 777};
  const Image page = Slopes(size);
  for (const char* recipe : {"jpeg_q90_444", "jp2_lossless", "tiff_lzw"}) {
    const Codec* codec = nullptr;
    EncodeOptions options = FindRecipe(recipe, &codec)->options;
    options.quality = 98;
    const auto file = Encoded(*codec, page, options);
    auto source = Source::Borrow(file, "page");
    auto info = codec->probe(*source);
    ASSERT_TRUE(info.ok());
    std::mt19937_64 random(7);
    Renderer renderer;
    for (int round = 0; round < Rounds(120); ++round) {
      Region region;
      const std::string path = RandomPath(size, random, region);
      auto plan = MakeRenderPlan(*info, *ParseImageRequest(path, ApiVersion::k2));
      ASSERT_TRUE(plan.ok());
      StageTimes times;
      DecodeReport report;
      auto pixels = renderer.RenderPixels(*source, *plan, times, report);
      ASSERT_TRUE(pixels.ok()) << pixels.error().message;
      Image expected(plan->output, 3);
      const Window window{static_cast<double>(region.x), static_cast<double>(region.y),
                          static_cast<double>(region.width), static_cast<double>(region.height)};
      ResizeScalar(page.view(), window, expected.view(), plan->filter);
      // A slope rises by 1.8 in a source pixel. A wavelet's samples lie (2^n - 1) / 2 source pixels
      // to the left of where a mean of 2^n would: 3.5 at level 3.
      const double shift = codec->name == "jp2" ? ((1 << plan->level) - 1) / 2.0 : 0;
      // The twin sees what lies beside the region: that tells in an answer of few samples.
      const double beside = 20.0 / std::min(plan->output.width, plan->output.height);
      EXPECT_LT(Compare(*pixels, expected.view()).mean, 1.5 + 2 * shift + beside)
          << recipe << " " << path << " level " << plan->level;
    }
  }
}

TEST(RenderPlanTest, TheRequestThatAbortedIsAnswered) {
  const Image page = Slopes({1001, 777});
  for (const char* name : {"jpeg", "jp2"}) {
    const auto file = Encoded(*FindCodec(name), page, {.decompositions = 3});
    auto source = Source::Borrow(file, "page");
    auto info = FindCodec(name)->probe(*source);
    auto plan = MakeRenderPlan(
        *info, *ParseImageRequest("id/988,0,4,777/1,30/0/default.jpg", ApiVersion::k2));
    ASSERT_TRUE(plan.ok());
    Rendered out;
    auto done = Renderer().Render(*source, *plan, out);
    EXPECT_TRUE(done.ok()) << done.error().message;
  }
}

TEST(RenderPlanTest, WhatIsTooLargeIsRefusedBeforeMemoryIsTaken) {
  const ImageInfo small{.size = {100, 100}, .channels = 3, .levels = {{100, 100}}};
  for (const char* path :
       {"id/full/1,100000000/0/default.jpg", "id/full/pct:419430400/0/default.jpg",
        "id/full/65501,/0/default.png", "id/full/2000000000,2000000000/0/default.jpg",
        "id/full/pct:1999999999/0/default.jpg", "id/0,0,1,100/2000000000,/0/default.jpg"}) {
    auto plan = MakeRenderPlan(small, *ParseImageRequest(path, ApiVersion::k2));
    ASSERT_FALSE(plan.ok()) << path;
    EXPECT_EQ(plan.error().kind, ErrorKind::kTooLarge) << path;
  }
  const ImageInfo huge{.size = {200000, 200000}, .channels = 3, .levels = {{200000, 200000}}};
  auto plan =
      MakeRenderPlan(huge, *ParseImageRequest("id/full/100,/0/default.jpg", ApiVersion::k2));
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().kind, ErrorKind::kTooLarge);
}

}  // namespace
}  // namespace iiifbench
