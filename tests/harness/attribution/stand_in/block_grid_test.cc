// A JPEG leaves its grid in the pixels, whatever they are stored in afterwards; nothing else does.
#include "harness/attribution/stand_in/block_grid.h"

#include <gtest/gtest.h>

#include "tests/harness/attribution/stand_in/coded_pages.h"

namespace iiifbench {
namespace {

struct PageQuality {
  const char* page;
  int quality;
  Subsampling subsampling;
};
class JpegGridTest : public ::testing::TestWithParam<PageQuality> {};

TEST_P(JpegGridTest, IsFoundWithItsQuality) {
  const PageQuality& q = GetParam();
  const Image page = SmallPage(q.page);
  const Image jpeg =
      Through(page.view(), "jpeg", {.quality = q.quality, .subsampling = q.subsampling});
  const BlockGrid grid = FindBlockGrid(jpeg.view());
  EXPECT_TRUE(grid.judged && grid.there) << grid.steps << " against " << grid.control;
  EXPECT_NEAR(grid.quality, q.quality, 2);
}

INSTANTIATE_TEST_SUITE_P(Pages, JpegGridTest,
                         ::testing::Values(PageQuality{"map", 75, Subsampling::k420},
                                           PageQuality{"map", 90, Subsampling::k420},
                                           PageQuality{"map", 90, Subsampling::k444},
                                           PageQuality{"print", 85, Subsampling::k420},
                                           PageQuality{"handwriting", 92, Subsampling::k420},
                                           PageQuality{"newspaper", 80, Subsampling::kGray}));

TEST(BlockGridTest, IsNotInPicturesThatNeverWereAJpeg) {
  for (const char* kind : {"map", "print", "handwriting", "newspaper"}) {
    const Image page = SmallPage(kind);
    EXPECT_FALSE(FindBlockGrid(page.view()).there) << kind;
    const Image lossy = Through(page.view(), "jp2", {.compression_ratio = 10});
    EXPECT_FALSE(FindBlockGrid(lossy.view()).there) << kind << " through JPEG 2000";
  }
}

TEST(BlockGridTest, IsNotWhereTheGridIsMoved) {
  const Image page = SmallPage("map");
  const Image jpeg = Through(page.view(), "jpeg", {.quality = 90});
  EXPECT_FALSE(FindBlockGrid(jpeg.view().crop({3, 5, 600, 800})).there);
}

TEST(BlockGridTest, ATooSmallOrFlatPictureIsNotJudged) {
  Image flat({256, 256}, 3);
  for (int y = 0; y < 256; ++y) std::fill_n(flat.view().row(y), 3 * 256, uint8_t{200});
  EXPECT_FALSE(FindBlockGrid(flat.view()).judged);
  EXPECT_FALSE(FindBlockGrid(flat.view().crop({0, 0, 40, 40})).judged);
}

}  // namespace
}  // namespace iiifbench
