#include "kernels/pixels/dct_quantise.h"

#include <algorithm>
#include <random>
#include <vector>

#include "kernels/codecs/codec.h"
#include "tests/kernels/pixels/each_target.h"

namespace iiifbench {
namespace {

// T.81 table K.1, row by row.
constexpr DctSteps kLuminance = {16,  11,  10,  16,  24, 40, 51,  61,  12,  12,  14,  19,  26,
                                 58,  60,  55,  14,  13, 16, 24,  40,  57,  69,  56,  14,  17,
                                 22,  29,  51,  87,  80, 62, 18,  22,  37,  56,  68,  109, 103,
                                 77,  24,  35,  55,  64, 81, 104, 113, 92,  49,  64,  78,  87,
                                 103, 121, 120, 101, 72, 92, 95,  98,  112, 100, 103, 99};

DctSteps StepsOf(int quality) {
  const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  DctSteps out;
  for (size_t i = 0; i < 64; ++i)
    out[i] = static_cast<uint16_t>(std::clamp((kLuminance[i] * scale + 50) / 100, 1, 255));
  return out;
}

// Strokes and noise.
Image GrayPicture(Size size) {
  Image out(size, 1);
  std::mt19937_64 random(11);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x)
      out.view().row(y)[x] = static_cast<uint8_t>(((x / 5 + y / 7) % 3 == 0 ? 60 : 190) +
                                                  static_cast<int>(random() % 50));
  return out;
}

TEST(DctQuantiseTest, EqualsItsScalarTwinOnEveryTarget) {
  OnEachTarget([] {
    for (const Size size : {Size{1, 1}, Size{8, 8}, Size{13, 9}, Size{64, 40}, Size{131, 77}}) {
      const Image picture = GrayPicture(size);
      for (const int quality : {10, 50, 90, 100}) {
        Image expected(size, 1), got(size, 1);
        QuantiseDctScalar(picture.view(), expected.view(), StepsOf(quality));
        QuantiseDct(picture.view(), got.view(), StepsOf(quality));
        ASSERT_EQ(Compare(got.view(), expected.view()).maximum, 0)
            << size.width << "x" << size.height << " q" << quality;
      }
    }
  });
}

// The library works in integers: it rounds otherwise, and near a half a coefficient may fall to the
// other side.
TEST(DctQuantiseTest, IsWhatCodingLeaves) {
  const Image picture = GrayPicture({203, 150});
  const Codec* jpeg = FindCodec("jpeg");
  for (const int quality : {20, 50, 75, 90}) {
    std::vector<uint8_t> bytes;
    ASSERT_TRUE(jpeg->encode(picture.view(),
                             {.quality = quality, .subsampling = Subsampling::kGray}, bytes));
    auto source = Source::Borrow(bytes, "coded");
    const auto coded = DecodeWhole(*source, Variant::kLibrary);
    ASSERT_TRUE(coded.ok());
    Image got(picture.size(), 1);
    QuantiseDct(picture.view(), got.view(), StepsOf(quality));
    EXPECT_LT(Compare(got.view(), coded->view()).mean, 0.6) << quality;
    // Coding itself changed far more.
    EXPECT_GT(Compare(picture.view(), coded->view()).mean, 2) << quality;
  }
}

TEST(DctQuantiseTest, WorksInPlace) {
  Image picture = GrayPicture({50, 31}), other(picture.size(), 1);
  QuantiseDct(picture.view(), other.view(), StepsOf(40));
  QuantiseDct(picture.view(), picture.view(), StepsOf(40));
  EXPECT_EQ(Compare(picture.view(), other.view()).maximum, 0);
}

}  // namespace
}  // namespace iiifbench
