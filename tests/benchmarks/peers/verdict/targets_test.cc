#include "benchmarks/peers/verdict/targets.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/benchmarks/peers/blocks.h"

namespace iiifbench::peers {
namespace {

using testing::HasSubstr;

const Verdict* VerdictOf(const std::vector<Verdict>& verdicts, std::string_view peer) {
  for (const Verdict& verdict : verdicts) {
    if (verdict.peer == peer) return &verdict;
  }
  return nullptr;
}

TEST(Targets, NeverSlowerFollowsTheFloor) {
  const auto judge = [](double again) {
    const CaseResult result{.task = {.name = "region/jp2_10to1_tiled/size:1024x1024/at:centre"},
                            .rows = Block(RowAt("OpenJPEG", 0.93, 0.02)),
                            .again = Block(RowAt("OpenJPEG", again, 0.01))};
    return Judge({result});
  };
  const std::vector<Verdict> chance = judge(1), real = judge(0.93);
  ASSERT_NE(VerdictOf(chance, "OpenJPEG"), nullptr);
  EXPECT_TRUE(VerdictOf(chance, "OpenJPEG")->met);
  EXPECT_THAT(VerdictOf(chance, "OpenJPEG")->why, HasSubstr("again 1.00"));
  EXPECT_FALSE(VerdictOf(real, "OpenJPEG")->met);
}

TEST(Targets, AMissedRequestSaysWhatItsPartsTake) {
  Row part = RowAt("of it, libdeflate and JPEG encoding", 0.8);
  part.apart = "a part";
  CaseResult result{.task = {.name = "request/tiff_deflate/crop:1024/to:512"},
                    .rows = Block(RowAt("libvips", 1.8, 0.05))};
  result.rows.push_back(part);
  const std::vector<Verdict> verdicts = Judge({result});
  const Verdict* verdict = VerdictOf(verdicts, "libvips");
  ASSERT_NE(verdict, nullptr);
  EXPECT_FALSE(verdict->met);
  EXPECT_THAT(verdict->why,
              HasSubstr("libdeflate and JPEG encoding is 0.80 of our time, so with nothing "
                        "else at all it would be 2.25"));
}

TEST(Targets, MissedThreadsSayHowBusyTheyWere) {
  Row two = OursAt("ours, 2 threads", 0.7);
  for (double& time : two.processor_milliseconds) time = 11;
  const CaseResult result{
      .task = {.name = "threads/region/tiff_none/size:1024x1024", .by_threads = true},
      .rows = {OursAt("ours"), two}};
  const std::vector<Verdict> verdicts = Judge({result});
  const Verdict* verdict = VerdictOf(verdicts, "ours");
  ASSERT_NE(verdict, nullptr);
  EXPECT_FALSE(verdict->met);
  EXPECT_THAT(verdict->why, HasSubstr("1.57 processors busy, 1.10 of one thread's processor time"));
}

// Ours 10 ms, the peer `ratio` times it.
CaseResult ResizeAt(Filter filter, std::string_view name, double ours, double ratio,
                    ConstPixelView pixels) {
  CaseResult result{
      .task = {.name = fmt::format("resize/filter:{}/from:4000x6000/to:1000x1500", name),
               .pixels = pixels,
               .filter = filter,
               .out = {pixels.width / 4, pixels.height / 4}},
      .rows = Block(RowAt("libvips reduce", ours * ratio))};
  result.rows[0] = OursAt("ours", ours);
  return result;
}

TEST(Targets, AMissedResizeSaysWhatATapCosts) {
  const Image image({400, 600}, 3);
  // 8 and 24 taps in 10 and 18 ms: half a millisecond a tap beyond 6. The peer: 40 and 90, 3.13
  // beyond 15.
  const std::vector<CaseResult> results = {
      ResizeAt(Filter::kTriangle, "triangle", 1, 4, image.view()),
      ResizeAt(Filter::kLanczos3, "lanczos3", 1.8, 5, image.view())};
  const std::vector<Verdict> verdicts = Judge(results);
  ASSERT_EQ(verdicts.size(), 2u);  // in the order of the targets
  EXPECT_FALSE(verdicts[0].met);
  EXPECT_THAT(verdicts[0].why,
              HasSubstr("(8 and 24 taps each way): 0.50 ms a tap beyond 6.0, libvips reduce "
                        "3.12 beyond 15.0"));
  EXPECT_TRUE(verdicts[1].met);
  EXPECT_EQ(verdicts[1].why, "");
  // Without the other filter there is no line through two.
  const std::vector<Verdict> alone = Judge({results[1]});
  ASSERT_EQ(alone.size(), 1u);
  EXPECT_THAT(alone[0].why, HasSubstr("the source is read at 0.0 GB/s"));
}

TEST(Targets, AMissedLevelSaysWhatTheSmallestTakes) {
  CaseResult half{.task = {.name = "level/jpeg_q90/level:1"},
                  .rows = Block(RowAt("libjpeg-turbo", 1.1))};
  CaseResult eighth{.task = {.name = "level/jpeg_q90/level:3"},
                    .rows = Block(RowAt("libjpeg-turbo", 0.9))};
  eighth.rows[0] = OursAt("ours", 0.6);
  const std::vector<Verdict> verdicts = Judge({half, eighth});
  ASSERT_EQ(verdicts.size(), 2u);
  EXPECT_THAT(verdicts[0].why, HasSubstr("takes 0.60 of our time"));
  EXPECT_TRUE(verdicts[1].met);
}

TEST(Targets, ATargetInsideTheIntervalIsNotDecided) {
  const auto why = [](double spread) {
    const CaseResult result{.task = {.name = "region/jpeg_q90/size:1024x1024/at:centre"},
                            .rows = Block(RowAt("libjpeg-turbo", 1.25, spread))};
    const std::vector<Verdict> verdicts = Judge({result});
    return verdicts.empty() ? "none" : verdicts[0].why;
  };
  EXPECT_THAT(why(0.1), HasSubstr("this run cannot decide"));
  EXPECT_EQ(why(0.02), "");
}

}  // namespace
}  // namespace iiifbench::peers
