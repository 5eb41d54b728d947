#include "harness/servers/logs/cantaloupe_log.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

using std::chrono::milliseconds;

// Recorded from Cantaloupe 6.0-SNAPSHOT at trace level; ends of lines shortened, colours kept in
// the first.
constexpr std::string_view kResized =
    "13:30:56.619 [qtp20049680-13] \x1b[39mTRACE\x1b[0;39m \x1b[36me.i.l.c.p.Java2DUtil\x1b[0;39m "
    "- scale(): "
    "scaled 3000x4000 image to 700x933 using a BiCubic filter in 421 msec\n"
    "13:30:56.623 [qtp20049680-13] DEBUG e.i.l.c.p.c.j.JPEGImageWriter - Quality: 90; progressive: "
    "false\n"
    "13:30:56.659 [qtp20049680-13] DEBUG e.i.l.c.r.ImageRepresentation - Java2dProcessor processed "
    "in 825 "
    "msec: page.jpg_1:1_scalebypixels:700,,bicubic_encode:jpg_JPEG_90_#FFFFFF_8\n";
constexpr std::string_view kAnswered =
    "13:30:56.671 [qtp20049680-13] DEBUG e.i.l.c.r.HandlerServlet - Responded to GET "
    "/iiif/2/page.jpg/full/700,/0/default.jpg with HTTP 200 in 1187 msec\n";

TEST(CantaloupeLogTest, PartsDecodeResizeAndEncodeByTheTimesOfItsLines) {
  const auto requests = ParseCantaloupeLog(std::string(kResized) + std::string(kAnswered));
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].path, "/iiif/2/page.jpg/full/700,/0/default.jpg");
  EXPECT_EQ(requests[0].total, milliseconds(1187));
  EXPECT_EQ(requests[0].stages[Stage::kResize], milliseconds(421));
  EXPECT_EQ(requests[0].stages[Stage::kEncode], milliseconds(659 - 619));
  EXPECT_EQ(requests[0].stages[Stage::kDecode], milliseconds(825 - 421 - 40));
  EXPECT_EQ(requests[0].stages[Stage::kOverhead], milliseconds(1187 - 825));
}

TEST(CantaloupeLogTest, TheProcessorThatWorkedIsReadBackWithTheReason) {
  const auto told = ParseCantaloupeBehaviour(
      "13:30:56.610 [qtp20049680-13] WARN  e.i.l.c.p.ProcessorFactory - Failed to initialize "
      "TurboJpegProcessor (error: no turbojpeg in java.library.path)\n" +
      std::string(kResized));
  EXPECT_EQ(told.at("processor for jpg"),
            "Java2dProcessor (Failed to initialize TurboJpegProcessor (error: no turbojpeg in "
            "java.library.path))");
}

TEST(CantaloupeLogTest, WithoutResizeOnlyWhatIsOutsideOfProcessingIsKnown) {
  const auto requests = ParseCantaloupeLog(
      "13:30:57.424 [qtp20049680-19] DEBUG e.i.l.c.c.InfoService - readInfo(): read page.tif from "
      "Java2dProcessor in 27 msec\n"
      "13:30:57.488 [qtp20049680-19] DEBUG e.i.l.c.r.ImageRepresentation - Java2dProcessor "
      "processed in 55 "
      "msec: page.tif_1:1_cropbypixels:101,101,1024,1024_scalebypixels:512,,bicubic\n"
      "13:30:57.496 [qtp20049680-19] DEBUG e.i.l.c.r.HandlerServlet - Responded to GET "
      "/iiif/2/page.tif/101,101,1024,1024/512,/0/default.jpg with HTTP 200 in 107 msec\n");
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].stages[Stage::kOverhead], milliseconds(107 - 55));
  EXPECT_EQ(requests[0].stages[Stage::kDecode], milliseconds(0));
  EXPECT_EQ(requests[0].stages[Stage::kEncode], milliseconds(0));
}

TEST(CantaloupeLogTest, LinesOfAnotherThreadDoNotMix) {
  std::string other(kResized);
  for (size_t at; (at = other.find("680-13")) != std::string::npos;) other.replace(at, 6, "680-22");
  const auto requests = ParseCantaloupeLog(other + std::string(kAnswered));
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].total, milliseconds(1187));
  EXPECT_EQ(requests[0].stages.total(), milliseconds(0));
}

}  // namespace
}  // namespace iiifbench
