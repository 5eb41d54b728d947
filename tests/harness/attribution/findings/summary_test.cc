// The first sentence is about the request that matters, and does not hide a split that does not add
// up.
#include "harness/attribution/findings/summary.h"

#include <gmock/gmock.h>

namespace iiifbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RequestAttribution Page() {
  return {.path = "full/800,/0/default.jpg",
          .measured_ms = 60,
          .stages = {{Stage::kDecode, {40, 38, 42}},
                     {Stage::kResize, {6, 6, 6}},
                     {Stage::kEncode, {8, 8, 8}},
                     {Stage::kRead, {3, 3, 3}}},
          .merged = {{Stage::kRead, Stage::kEncode}},
          .floor_ms = {{Stage::kDecode, 15}, {Stage::kEncode, 5}},
          .unexplained_ms = 3};
}

TEST(SentenceTest, IsAboutTheSlowestRequest) {
  RequestAttribution tile{.path = "tile", .measured_ms = 1.4},
      line{.path = "line", .measured_ms = 59};
  EXPECT_EQ(Slowest({tile, line, Page()}), 2u);
  EXPECT_EQ(Slowest({Page(), tile, line}), 0u);
  const std::string text = SentenceAbout(Page(), 3);
  EXPECT_EQ(
      text,
      "p50 of full/800,/0/default.jpg is 60.0 ms, the slowest of 3 requests, 3.0 times our "
      "kernels' "
      "20.0: 40.0 decode (+-2.0), 11.0 read+encode (not told apart), 6.0 resize; 5 % unexplained.");
  EXPECT_THAT(SentenceAbout(Page(), 1), Not(HasSubstr("slowest")));
}

TEST(SentenceTest, AFitThatWasOffSaysSo) {
  RequestAttribution page = Page();
  page.unexplained_ms = -0.1;
  page.predicted_ms = 45;
  EXPECT_THAT(SentenceAbout(page, 1),
              HasSubstr("; 0 % unexplained. The fit alone predicted 45.0 ms."));
  page.predicted_ms = 58;
  EXPECT_THAT(SentenceAbout(page, 1), Not(HasSubstr("predicted")));
}

TEST(SentenceTest, StagesThatSumToMoreThanTheLatencyAreDoubtful) {
  RequestAttribution tile{
      .path = "tile", .measured_ms = 1.4, .stages = {{Stage::kOverhead, {2.5, 2.5, 2.5}}}};
  tile.unexplained_ms = 1.4 - 2.5;
  const std::string text = SentenceAbout(tile, 4);
  EXPECT_THAT(text,
              HasSubstr("these sum to 79 % more than was measured, so this split is doubtful."));
  EXPECT_THAT(text, Not(HasSubstr("% unexplained")));
}

}  // namespace
}  // namespace iiifbench
