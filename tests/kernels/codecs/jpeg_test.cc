#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

const Codec& Jpeg() { return *FindCodec("jpeg"); }

struct Case {
  Size size;
  int channels;
  EncodeOptions options;
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (Subsampling s : {Subsampling::k420, Subsampling::k444, Subsampling::k422, Subsampling::k440}) {
    for (int restart : {0, 1}) {
      cases.push_back({{331, 257}, 3, {.quality = 90, .subsampling = s, .restart_rows = restart}});
    }
  }
  cases.push_back({{640, 512}, 3, {.quality = 75}});
  cases.push_back({{333, 129}, 1, {.quality = 90}});
  cases.push_back({{333, 129}, 1, {.quality = 90, .restart_rows = 2}});
  cases.push_back({{200, 170}, 3, {.quality = 90, .progressive = true}});
  cases.push_back({{200, 170}, 3, {.quality = 90, .optimised_huffman = true}});
  cases.push_back({{17, 9}, 3, {.quality = 95}});
  cases.push_back({{1, 1}, 3, {.quality = 95}});
  return cases;
}

TEST(JpegTest, RegionsAreTheCropOfAWholeDecode) {
  const Variant variants[] = {Variant::kLibrary, Variant::kBest};
  uint64_t seed = 7;
  for (const Case& c : Cases()) {
    const auto bytes = Encoded(Jpeg(), TestPicture(c.size, c.channels), c.options);
    ExpectVariantsAgree(Jpeg(), bytes, variants, 8, ++seed);
  }
}

TEST(JpegTest, QualityNinetyKeepsThePicture) {
  const Image page = TestPicture({256, 256}, 3);
  const auto bytes = Encoded(Jpeg(), page, {.quality = 90, .subsampling = Subsampling::k444});
  EXPECT_GT(Compare(Decoded(Jpeg(), bytes, {}, 0, Variant::kBest).view(), page.view()).psnr, 35);
}

TEST(JpegTest, ATruncatedFileIsAnErrorThatNamesThePlace) {
  auto bytes = Encoded(Jpeg(), TestPicture({400, 400}, 3), {});
  bytes.resize(bytes.size() / 2);
  for (Variant variant : {Variant::kNaive, Variant::kLibrary, Variant::kBest}) {
    auto source = Source::Borrow(bytes, "half.jpg");
    auto image = DecodeWhole(*source, variant);
    ASSERT_FALSE(image.ok()) << VariantName(variant);
    EXPECT_EQ(image.error().kind, ErrorKind::kBadInput);
    EXPECT_NE(image.error().message.find("half.jpg"), std::string::npos) << image.error().message;
    EXPECT_NE(image.error().message.find("byte"), std::string::npos) << image.error().message;
  }
}

TEST(JpegTest, PixelLimitHoldsBeforeDecoding) {
  const auto bytes = Encoded(Jpeg(), TestPicture({100, 100}, 3), {});
  auto source = Source::Borrow(bytes, "large.jpg");
  Image out({100, 100}, 3);
  DecodeRequest request{.region = {0, 0, 100, 100}};
  request.limits.max_pixels = 9999;
  auto report = Jpeg().decode(*source, request, out.view());
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().kind, ErrorKind::kTooLarge);
}

}  // namespace
}  // namespace iiifbench
