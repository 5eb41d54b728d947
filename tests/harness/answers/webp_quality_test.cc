// The quality of a WebP answer is read back from its quantiser.
#include "harness/answers/webp_quality.h"

#include <gtest/gtest.h>

#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

TEST(WebpQualityTest, IsThatOfTheEncoderWithinAFewSteps) {
  const Image page = TestPicture({256, 192}, 3);
  for (const int quality : {5, 20, 30, 50, 74, 75, 80, 90, 95}) {
    const auto found = WebpQuality(Encoded(*FindCodec("webp"), page, {.quality = quality}));
    ASSERT_TRUE(found.has_value()) << quality;
    EXPECT_NEAR(*found, quality, 5) << quality;
  }
}

TEST(WebpQualityTest, OtherBytesAndCutOnesHaveNoneOrAnyAndEndNothing) {
  const Image page = TestPicture({40, 30}, 3);
  EXPECT_FALSE(WebpQuality(Encoded(*FindCodec("jpeg"), page, {.quality = 80})).has_value());
  const auto bytes = Encoded(*FindCodec("webp"), page, {.quality = 80});
  for (size_t length = 0; length < bytes.size(); ++length) {
    const auto cut = WebpQuality(std::span(bytes).first(length));
    EXPECT_TRUE(length >= 30 || !cut.has_value()) << length;
    EXPECT_TRUE(cut.value_or(0) >= 0 && cut.value_or(0) <= 100) << length;
  }
  // A chunk that claims more than there is.
  auto claims = bytes;
  std::fill_n(claims.begin() + 16, 4, uint8_t{0xFF});
  const auto found = WebpQuality(claims);
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(*found, 80, 5);
}

}  // namespace
}  // namespace iiifbench
