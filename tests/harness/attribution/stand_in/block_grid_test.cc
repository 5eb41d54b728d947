// A JPEG leaves its grid in the pixels, whatever they are stored in afterwards; nothing else does.
#include "harness/attribution/stand_in/block_grid.h"

#include <gtest/gtest.h>

#include "data/page.h"
#include "kernels/codecs/codec.h"

namespace iiifbench {
namespace {

constexpr Size kPage = {640, 900};

Image Page(const char* kind) { return FindPageKind(kind)->make(kPage, 1); }

Image Through(ConstPixelView picture, const char* codec, const EncodeOptions& options) {
  std::vector<uint8_t> bytes;
  auto encoded = FindCodec(codec)->encode(picture, options, bytes);
  EXPECT_TRUE(encoded.ok()) << (encoded ? "" : encoded.error().message);
  auto source = Source::Borrow(bytes, codec);
  auto out = DecodeWhole(*source);
  EXPECT_TRUE(out.ok()) << (out ? "" : out.error().message);
  return std::move(*out);
}

struct Quality {
  const char* page;
  int quality;
  Subsampling subsampling;
};
class JpegGridTest : public ::testing::TestWithParam<Quality> {};

TEST_P(JpegGridTest, IsFoundWithItsQuality) {
  const Quality& q = GetParam();
  const Image page = Page(q.page);
  const Image jpeg =
      Through(page.view(), "jpeg", {.quality = q.quality, .subsampling = q.subsampling});
  const BlockGrid grid = FindBlockGrid(jpeg.view());
  EXPECT_TRUE(grid.judged && grid.there) << grid.steps << " against " << grid.control;
  EXPECT_NEAR(grid.quality, q.quality, 2);
}

INSTANTIATE_TEST_SUITE_P(Pages, JpegGridTest,
                         ::testing::Values(Quality{"map", 75, Subsampling::k420},
                                           Quality{"map", 90, Subsampling::k420},
                                           Quality{"map", 90, Subsampling::k444},
                                           Quality{"print", 85, Subsampling::k420},
                                           Quality{"handwriting", 92, Subsampling::k420},
                                           Quality{"newspaper", 80, Subsampling::kGray}));

TEST(BlockGridTest, IsNotInPicturesThatNeverWereAJpeg) {
  for (const char* kind : {"map", "print", "handwriting", "newspaper"}) {
    const Image page = Page(kind);
    EXPECT_FALSE(FindBlockGrid(page.view()).there) << kind;
    const Image lossy = Through(page.view(), "jp2", {.compression_ratio = 10});
    EXPECT_FALSE(FindBlockGrid(lossy.view()).there) << kind << " through JPEG 2000";
  }
}

TEST(BlockGridTest, IsNotWhereTheGridIsMoved) {
  const Image page = Page("map");
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
