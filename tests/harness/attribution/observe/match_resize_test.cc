// Filters and levels are told by the pixels of answers, and nothing is said of answers that are no
// picture of ours.
#include "harness/attribution/observe/match_resize.h"

#include <gmock/gmock.h>

#include "data/corpus.h"
#include "kernels/iiif/render.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

using ::testing::HasSubstr;

constexpr LevelUse kLevels[] = {LevelUse::kFitting, LevelUse::kNone};
constexpr Filter kFilters[] = {Filter::kNearest,  Filter::kBilinear, Filter::kBox,
                               Filter::kTriangle, Filter::kBicubic,  Filter::kLanczos3};

class ResizePixelsTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    auto corpus = EnsureCorpus({.small = true, .recipes = {GetParam()}, .pages = {"map"}});
    ASSERT_TRUE(corpus.ok()) << corpus.error().message;
    file_ = corpus->entries.front().path;
    source_ = std::move(*Source::Open(file_));
    auto codec = CodecOf(*source_);
    ASSERT_TRUE(codec.ok());
    info_ = *(*codec)->probe(*source_);
    for (const char* path :
         {"id/101,120,400,400/160,/0/default.jpg", "id/60,75,300,300/180,/0/default.jpg"})
      requests_.push_back(*ParseImageRequest(path, ApiVersion::k2));
  }
  // What a server with this filter and these levels answers.
  std::vector<std::vector<uint8_t>> Answers(LevelUse levels, Filter filter) {
    std::vector<std::vector<uint8_t>> out;
    for (const auto& request : requests_) {
      auto plan = MakeRenderPlan(
          info_, request,
          {.habit = {Access::kRegion, levels}, .filter = filter, .encode = {.quality = 82}});
      EXPECT_TRUE(plan && TellsFilters(*plan));
      Rendered rendered;
      auto done = Renderer().Render(*source_, *plan, rendered);
      EXPECT_TRUE(done.ok());
      out.push_back(rendered.bytes);
    }
    return out;
  }
  ResizePixels Match(const std::vector<std::vector<uint8_t>>& bodies) {
    std::vector<ResizedAnswer> answers;
    for (size_t i = 0; i < bodies.size(); ++i) {
      answers.push_back({.file = file_,
                         .info = &info_,
                         .request = requests_[i],
                         .jpeg = bodies[i],
                         .encoder = *ReadEncoderFacts(bodies[i])});
    }
    auto pixels = MatchResize(answers, kLevels);
    EXPECT_TRUE(pixels.ok()) << (pixels ? "" : pixels.error().message);
    return pixels ? *pixels : ResizePixels{.matches = {{}}};
  }

  std::string file_;
  std::unique_ptr<Source> source_;
  ImageInfo info_;
  std::vector<ImageRequest> requests_;
};

TEST_P(ResizePixelsTest, EveryFilterAndLevelIsNamed) {
  for (LevelUse levels : kLevels) {
    for (Filter filter : kFilters) {
      const ResizePixels pixels = Match(Answers(levels, filter));
      const std::string said = Describe(pixels);
      EXPECT_TRUE(pixels.alike && pixels.filter_identified && pixels.level_identified) << said;
      EXPECT_EQ(pixels.matches.front().filter, filter) << said;
      EXPECT_EQ(pixels.matches.front().levels, levels) << said;
      EXPECT_TRUE(pixels.Allows(levels, IsPoint(filter))) << said;
      EXPECT_FALSE(pixels.Allows(levels, !IsPoint(filter))) << said;
      EXPECT_EQ(pixels.point(), IsPoint(filter)) << said;
      const LevelUse other = levels == LevelUse::kNone ? LevelUse::kFitting : LevelUse::kFullOnly;
      EXPECT_FALSE(pixels.Allows(other, IsPoint(filter))) << said;
      EXPECT_TRUE(pixels.Allows(LevelUse::kFiner, IsPoint(filter)));  // was not tried
      EXPECT_THAT(said,
                  HasSubstr(fmt::format("resize by pixels: {} from the", FilterName(filter))));
    }
  }
}

// Sample i from place i x scale, cut off: what code with integer coordinates does.
TEST_P(ResizePixelsTest, APointSamplerThatStartsAtCornersIsStillOne) {
  std::vector<std::vector<uint8_t>> bodies;
  for (const auto& request : requests_) {
    auto plan = MakeRenderPlan(info_, request, {.habit = {Access::kRegion, LevelUse::kNone}});
    ASSERT_TRUE(plan.ok());
    auto region = DecodeToImage(*source_, plan->region, 0);
    ASSERT_TRUE(region.ok());
    Image out(plan->output, info_.channels);
    for (int y = 0; y < out.height(); ++y) {
      for (int x = 0; x < out.width(); ++x) {
        const uint8_t* from = region->view().row(y * region->height() / out.height()) +
                              ptrdiff_t{x * region->width() / out.width()} * info_.channels;
        std::copy_n(from, info_.channels, out.view().row(y) + ptrdiff_t{x} * info_.channels);
      }
    }
    bodies.push_back(Encoded(*FindCodec("jpeg"), out, {.quality = 90}));
  }
  const ResizePixels pixels = Match(bodies);
  EXPECT_TRUE(pixels.filter_identified) << Describe(pixels);
  EXPECT_EQ(pixels.matches.front().filter, Filter::kNearest) << Describe(pixels);
}

TEST_P(ResizePixelsTest, NothingIsSaidOfNoiseOrOfOtherColours) {
  std::vector<std::vector<uint8_t>> noise, brighter;
  for (const auto& right : Answers(LevelUse::kFitting, Filter::kBicubic)) {
    auto body = Source::Borrow(right, "answer");
    auto picture = DecodeWhole(*body);
    ASSERT_TRUE(picture.ok());
    noise.push_back(
        Encoded(*FindCodec("jpeg"), TestPicture(picture->size(), info_.channels), {.quality = 90}));
    for (int y = 0; y < picture->height(); ++y) {
      uint8_t* row = picture->view().row(y);
      for (int x = 0; x < picture->width() * info_.channels; ++x)
        row[x] = static_cast<uint8_t>(std::min(255, row[x] + 12));
    }
    brighter.push_back(Encoded(*FindCodec("jpeg"), *picture, {.quality = 90}));
  }
  for (const auto& bodies : {noise, brighter}) {
    const ResizePixels pixels = Match(bodies);
    EXPECT_FALSE(pixels.alike || pixels.filter_identified || pixels.level_identified)
        << Describe(pixels);
    EXPECT_THAT(Describe(pixels), HasSubstr("not identified by pixels"));
    EXPECT_FALSE(pixels.point().has_value());
    for (LevelUse levels : kLevels)
      EXPECT_TRUE(pixels.Allows(levels, true) && pixels.Allows(levels, false));
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, ResizePixelsTest, ::testing::Values("tiff_deflate", "jpeg_q90"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace iiifbench
