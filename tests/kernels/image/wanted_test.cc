// Decoders ask whether their work is still wanted, and end where it is not: also when every byte is
// in memory, so that no read could say so.
#include "kernels/image/wanted.h"

#include <atomic>

#include "kernels/iiif/render.h"
#include "kernels/image/parallel.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

TEST(WantedTest, AScopeEndsAndHelpersHaveIt) {
  EXPECT_TRUE(StillWanted());
  const std::function<bool()> no = [] { return false; };
  {
    const WantedScope scope(&no);
    EXPECT_FALSE(StillWanted());
    {
      const WantedScope always(nullptr);
      EXPECT_TRUE(StillWanted());
    }
    EXPECT_FALSE(StillWanted());
  }
  EXPECT_TRUE(StillWanted());
  std::atomic<int> asked{0}, done{0};
  const std::function<bool()> some = [&] { return ++asked <= 10; };
  const WantedScope scope(&some);
  const auto result = ForEachWantedPiece(100, 2, "page.tif", [&](int) -> Result<void> {
    ++done;
    return {};
  });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "page.tif: the work was given up");
  EXPECT_EQ(done, 10);
}

class WantedDecodeTest : public testing::TestWithParam<std::string_view> {};

TEST_P(WantedDecodeTest, GivesUpInTheMiddle) {
  const Codec* codec = nullptr;
  const Recipe* recipe = FindRecipe(GetParam(), &codec);
  ASSERT_NE(recipe, nullptr);
  const Size size{700, 500};
  const auto bytes = Encoded(*codec, TestPicture(size, 3, 1), recipe->options);
  for (const Variant variant : {Variant::kLibrary, Variant::kBest}) {
    SCOPED_TRACE(VariantName(variant));
    // One call of OpenJPEG, which nobody can end.
    if (codec->name == "jp2" && variant == Variant::kLibrary) continue;
    int asked = 0, until = 1 << 30;
    const std::function<bool()> wanted = [&] { return ++asked <= until; };
    const WantedScope scope(&wanted);
    auto source = Source::Borrow(bytes, "page");
    const auto info = codec->probe(*source);
    ASSERT_TRUE(info.ok());
    const auto decode = [&] {
      Image out(size, info->channels);
      asked = 0;
      return codec->decode(*source, {.region = {0, 0, size.width, size.height}, .variant = variant},
                           out.view());
    };
    ASSERT_TRUE(decode().ok());
    const int all = asked;
    ASSERT_GT(all, 2);
    until = all / 2;
    const auto half = decode();
    ASSERT_FALSE(half.ok());
    EXPECT_LT(asked, all);
    until = 0;
    EXPECT_FALSE(decode().ok());
  }
}

INSTANTIATE_TEST_SUITE_P(Recipes, WantedDecodeTest,
                         testing::Values("jpeg_q90", "jpeg_q90_progressive", "jp2_lossless",
                                         "htj2k_lossless_tiled", "tiff_deflate", "tiff_lzw",
                                         "tiff_jpeg"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace iiifbench
