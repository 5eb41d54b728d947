#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

const Codec& Jp2() { return *FindCodec("jp2"); }

TEST(Jp2Test, LosslessRecipesRoundTripAndRegionsAreCrops) {
  const Variant variants[] = {Variant::kLibrary, Variant::kBest};
  uint64_t seed = 1;
  for (const Recipe& recipe : Jp2().recipes) {
    for (int channels : {1, 3}) {
      SCOPED_TRACE(std::string(recipe.name));
      const Image page = TestPicture({413, 301}, channels);
      EncodeOptions options = recipe.options;
      if (options.tile.width > 0) options.tile = {128, 128};  // several tiles at this size
      const auto bytes = Encoded(Jp2(), page, options);
      if (recipe.lossless) {
        EXPECT_EQ(Compare(Decoded(Jp2(), bytes, {}, 0, Variant::kLibrary).view(), page.view()).maximum, 0);
        EXPECT_EQ(Compare(Decoded(Jp2(), bytes, {}, 0, Variant::kBest).view(), page.view()).maximum, 0);
      }
      // 9/7 in floating point: the order of additions differs between a region and the whole.
      ExpectVariantsAgree(Jp2(), bytes, variants, 3, ++seed, recipe.lossless ? 0 : 1);
    }
  }
}

TEST(Jp2Test, TenToOneIsTenToOneWithinATenth) {
  const Image page = TestPicture({800, 600}, 3);
  const auto bytes = Encoded(Jp2(), page, FindRecipe("jp2_10to1")->options);
  EXPECT_NEAR(static_cast<double>(page.bytes()) / static_cast<double>(bytes.size()), 10, 1);
}

TEST(Jp2Test, AMissingTileIsAnError) {
  EncodeOptions options = FindRecipe("jp2_lossless_tiled")->options;
  options.tile = {128, 128};
  auto bytes = Encoded(Jp2(), TestPicture({512, 512}, 3), options);
  bytes.resize(bytes.size() * 3 / 4);
  auto source = Source::Borrow(bytes, "tiles.jp2");
  auto whole = DecodeWhole(*source);
  ASSERT_FALSE(whole.ok());
  EXPECT_NE(whole.error().message.find("tiles.jp2"), std::string::npos) << whole.error().message;
  // The tiles that are there still decode.
  auto first = DecodeToImage(*source, {0, 0, 100, 100}, 0);
  EXPECT_TRUE(first.ok()) << first.error().message;
}

TEST(Jp2Test, ATruncatedUntiledFileIsAnError) {
  auto bytes = Encoded(Jp2(), TestPicture({512, 512}, 3), {});
  bytes.resize(bytes.size() / 2);
  auto source = Source::Borrow(bytes, "half.jp2");
  EXPECT_FALSE(DecodeWhole(*source).ok());
}

TEST(Jp2Test, RegionOfATiledFileReadsOnlyItsTile) {
  EncodeOptions options = FindRecipe("jp2_lossless_tiled")->options;
  options.tile = {512, 512};
  const auto bytes = Encoded(Jp2(), TestPicture({2048, 1024}, 3), options);
  auto source = Source::Borrow(bytes, "tiles.jp2");
  auto part = DecodeToImage(*source, {600, 20, 100, 100}, 0);
  ASSERT_TRUE(part.ok()) << part.error().message;
  EXPECT_LT(source->bytes_read(), static_cast<int64_t>(bytes.size()) / 2);
}

}  // namespace
}  // namespace iiifbench
