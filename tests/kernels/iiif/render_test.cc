#include "kernels/iiif/render.h"

#include <gtest/gtest.h>

#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

struct Served {
  Image image;
  Rendered rendered;
};

Served Render(const std::vector<uint8_t>& file, const std::string& path) {
  Served served;
  auto source = Source::Borrow(file, "page");
  auto codec = CodecOf(*source);
  auto info = (*codec)->probe(*source);
  auto request = ParseImageRequest("id/" + path, ApiVersion::k2);
  EXPECT_TRUE(request.ok()) << path;
  auto plan = MakeRenderPlan(*info, *request);
  EXPECT_TRUE(plan.ok()) << path << (plan.ok() ? "" : plan.error().message);
  Renderer renderer;
  auto done = renderer.Render(*source, *plan, served.rendered);
  EXPECT_TRUE(done.ok()) << path << (done.ok() ? "" : done.error().message);
  auto answer = Source::Borrow(served.rendered.bytes, "answer");
  auto image = DecodeWhole(*answer);
  EXPECT_TRUE(image.ok()) << path << (image.ok() ? "" : image.error().message);
  if (image.ok()) served.image = std::move(*image);
  return served;
}

// What the answer should look like, made from the page by the boring twins.
Image Expected(const Image& page, const Region& region, Size size) {
  Image out(size, page.channels());
  ResizeScalar(page.view().crop(region), WholeOf(region.size()), out.view(), Filter::kBicubic);
  return out;
}

TEST(RenderTest, EveryFormatAndSizeLooksLikeThePage) {
  // Smooth, so that levels made by box, wavelet and DCT agree.
  Image page({1600, 1200}, 3);
  for (int y = 0; y < 1200; ++y) {
    for (int x = 0; x < 1600; ++x) {
      uint8_t* p = page.view().row(y) + x * 3;
      p[0] = static_cast<uint8_t>(x * 255 / 1600), p[1] = static_cast<uint8_t>(y * 255 / 1200);
      p[2] = static_cast<uint8_t>(128 + ((x / 64 + y / 64) % 2) * 60);
    }
  }
  struct Case {
    std::string path;
    Region region;
    Size size;
  };
  const Case cases[] = {{"full/400,/0/default.png", {0, 0, 1600, 1200}, {400, 300}},
                        {"full/333,/0/default.png", {0, 0, 1600, 1200}, {333, 250}},
                        {"301,203,500,400/max/0/default.png", {301, 203, 500, 400}, {500, 400}},
                        {"301,203,500,400/167,/0/default.png", {301, 203, 500, 400}, {167, 134}},
                        {"1088,688,512,512/64,64/0/default.png", {1088, 688, 512, 512}, {64, 64}},
                        {"100,100,10,10/50,50/0/default.png", {100, 100, 10, 10}, {50, 50}}};
  for (const char* recipe : {"jpeg_q90", "jp2_lossless", "tiff_deflate"}) {
    const Codec* codec = nullptr;
    const Recipe* r = FindRecipe(recipe, &codec);
    const auto file = Encoded(*codec, page, r->options);
    for (const Case& c : cases) {
      SCOPED_TRACE(std::string(recipe) + " " + c.path);
      const Served served = Render(file, c.path);
      ASSERT_EQ(served.image.size(), c.size);
      EXPECT_GT(Compare(served.image.view(), Expected(page, c.region, c.size).view()).psnr, 30);
      EXPECT_GT(served.rendered.stages.total().count(), 0);
    }
  }
}

TEST(RenderTest, TheDeepestLevelThatIsLargeEnoughIsTaken) {
  const Image page = TestPicture({2000, 1000}, 3);
  const auto file = Encoded(*FindCodec("jpeg"), page, {});
  auto source = Source::Borrow(file, "page");
  auto info = FindCodec("jpeg")->probe(*source);
  const std::pair<const char*, int> cases[] = {
      {"full/2000,", 0}, {"full/1001,", 0}, {"full/1000,", 1}, {"full/501,", 1},
      {"full/500,", 2},  {"full/251,", 2},  {"full/250,", 3},  {"full/10,", 3}};
  for (const auto& [size, level] : cases) {
    auto plan = MakeRenderPlan(
        *info, *ParseImageRequest(std::string("id/") + size + "/0/default.jpg", ApiVersion::k2));
    ASSERT_TRUE(plan.ok());
    EXPECT_EQ(plan->level, level) << size;
  }
}

TEST(RenderTest, GrayBitonalAndRotation) {
  const auto file =
      Encoded(*FindCodec("tiff"), TestPicture({300, 200}, 3), FindRecipe("tiff_none")->options);
  EXPECT_EQ(Render(file, "full/max/90/gray.png").image.size(), (Size{200, 300}));
  EXPECT_EQ(Render(file, "full/max/0/gray.png").image.channels(), 1);
  const Image bitonal = Render(file, "full/max/!180/bitonal.tif").image;
  for (int64_t i = 0; i < bitonal.bytes(); ++i)
    ASSERT_TRUE(bitonal.view().data[i] == 0 || bitonal.view().data[i] == 255);
  EXPECT_EQ(Render(file, "full/100,/0/default.webp").image.size(), (Size{100, 67}));
}

TEST(RenderTest, WhatIsNotOfferedSaysSo) {
  const ImageInfo info{.size = {300, 200}, .channels = 3, .levels = {{300, 200}}};
  auto rotated =
      MakeRenderPlan(info, *ParseImageRequest("id/full/max/22.5/default.jpg", ApiVersion::k2));
  ASSERT_FALSE(rotated.ok());
  EXPECT_EQ(rotated.error().kind, ErrorKind::kUnsupported);
  auto format =
      MakeRenderPlan(info, *ParseImageRequest("id/full/max/0/default.gif", ApiVersion::k2));
  ASSERT_FALSE(format.ok());
  EXPECT_EQ(format.error().kind, ErrorKind::kUnsupported);
  auto huge =
      MakeRenderPlan(info, *ParseImageRequest("id/full/60000,60000/0/default.jpg", ApiVersion::k2));
  ASSERT_FALSE(huge.ok());
  EXPECT_EQ(huge.error().kind, ErrorKind::kTooLarge);
}

TEST(RenderTest, EveryHabitGivesTheSamePictureAndItsOwnWork) {
  Image page({1600, 1200}, 3);
  for (int y = 0; y < 1200; ++y) {
    for (int x = 0; x < 1600; ++x) {
      uint8_t* p = page.view().row(y) + x * 3;
      p[0] = static_cast<uint8_t>(x * 255 / 1600), p[1] = static_cast<uint8_t>(y * 255 / 1200),
      p[2] = 90;
    }
  }
  const auto file = Encoded(*FindCodec("jp2"), page, {});
  auto source = Source::Borrow(file, "page");
  auto codec = CodecOf(*source);
  auto info = (*codec)->probe(*source);
  auto request = ParseImageRequest("id/401,301,600,400/150,/0/default.png", ApiVersion::k2);
  Renderer renderer;
  Image first;
  for (Access access : {Access::kRegion, Access::kRows, Access::kFull}) {
    for (LevelUse levels :
         {LevelUse::kFitting, LevelUse::kNone, LevelUse::kFullOnly, LevelUse::kFiner}) {
      auto plan = MakeRenderPlan(*info, *request, {.habit = {access, levels}});
      ASSERT_TRUE(plan.ok());
      EXPECT_EQ(plan->level, levels == LevelUse::kFitting ? 2 : levels == LevelUse::kFiner ? 1 : 0);
      const Region decoded = access == Access::kRegion ? Region{401, 301, 600, 400}
                             : access == Access::kRows ? Region{0, 0, 1600, 701}
                                                       : Region{0, 0, 1600, 1200};
      EXPECT_EQ(plan->decoded, decoded);
      StageTimes times;
      DecodeReport report;
      auto pixels = renderer.RenderPixels(*source, *plan, times, report);
      ASSERT_TRUE(pixels.ok()) << pixels.error().message;
      if (first.width() == 0) {
        first = Image(pixels->size(), 3);
        CopyPixels(*pixels, first.view());
      }
      EXPECT_GT(Compare(*pixels, first.view()).psnr, 40)
          << AccessName(access) << LevelUseName(levels);
    }
  }
}

}  // namespace
}  // namespace iiifbench
