// A lossy JPEG 2000 is quiet in its finest subband; a page with noise, or a JPEG, is not so there
// alone.
#include "harness/attribution/stand_in/wavelet_trace.h"

#include <gtest/gtest.h>

#include "tests/harness/attribution/stand_in/coded_pages.h"

namespace iiifbench {
namespace {

TEST(WaveletTraceTest, IsThereAfterALossyJpeg2000AndNotBefore) {
  for (const auto& [kind, ratio] :
       {std::pair("map", 12.0), {"map", 25.0}, {"newspaper", 10.0}, {"newspaper", 16.0}}) {
    const Image page = SmallPage(kind);
    const WaveletTrace before = FindWaveletTrace(page.view());
    EXPECT_TRUE(before.judged);
    EXPECT_FALSE(before.there()) << kind << " " << before.ratio;
    const Image lossy = Through(page.view(), "jp2", {.compression_ratio = ratio});
    const WaveletTrace after = FindWaveletTrace(lossy.view());
    EXPECT_TRUE(after.there()) << kind << " " << ratio << ":1 " << after.ratio;
    EXPECT_NE(after.words(), "");
  }
}

TEST(WaveletTraceTest, IsNotInAnyPageThatIsStoredWithoutLoss) {
  for (const char* kind : {"map", "print", "handwriting", "newspaper"})
    EXPECT_FALSE(FindWaveletTrace(SmallPage(kind).view()).there()) << kind;
}

TEST(WaveletTraceTest, IsNotAfterAJpeg) {
  for (int quality : {60, 75, 90}) {
    const Image jpeg = Through(SmallPage("map").view(), "jpeg", {.quality = quality});
    EXPECT_FALSE(FindWaveletTrace(jpeg.view()).there()) << quality;
  }
}

TEST(WaveletTraceTest, AFlatPictureIsNotJudged) {
  Image flat({256, 256}, 3);
  for (int y = 0; y < 256; ++y) std::fill_n(flat.view().row(y), 3 * 256, uint8_t{200});
  EXPECT_FALSE(FindWaveletTrace(flat.view()).judged);
}

}  // namespace
}  // namespace iiifbench
