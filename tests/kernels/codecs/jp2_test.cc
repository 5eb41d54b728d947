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
        EXPECT_EQ(
            Compare(Decoded(Jp2(), bytes, {}, 0, Variant::kLibrary).view(), page.view()).maximum,
            0);
        EXPECT_EQ(Compare(Decoded(Jp2(), bytes, {}, 0, Variant::kBest).view(), page.view()).maximum,
                  0);
      }
      // 9/7 in floating point: the order of additions differs between a region and the whole.
      ExpectVariantsAgree(Jp2(), bytes, variants, 3, ++seed, recipe.lossless ? 0 : 1);
    }
  }
}

TEST(Jp2Test, TenToOneIsTenToOneWithinATenth) {
  const Image page = TestPicture({800, 600}, 3);
  for (const Recipe& recipe : Jp2().recipes) {
    if (recipe.options.compression_ratio != 10 || recipe.options.tile.width > 0) continue;
    const auto bytes = Encoded(Jp2(), page, recipe.options);
    EXPECT_NEAR(static_cast<double>(page.bytes()) / static_cast<double>(bytes.size()), 10, 1)
        << recipe.name;
  }
}

// OpenJPEG 2.5.0 answers mid-grey, with success, for an area inside an HTJ2K tile: a grid of
// regions at every level, so that each edge of each tile is an edge of some region.
TEST(Jp2Test, EveryRegionOfHighThroughputFilesIsTheCropOfTheWhole) {
  int recipes = 0;
  for (const Recipe& recipe : Jp2().recipes) {
    if (!recipe.options.high_throughput) continue;
    ++recipes;
    SCOPED_TRACE(std::string(recipe.name));
    const Image page = TestPicture({203, 167}, 3);
    EncodeOptions options = recipe.options;
    if (options.tile.width > 0) options.tile = {64, 64};
    const auto bytes = Encoded(Jp2(), page, options);
    auto source = Source::Borrow(bytes, "ht.jp2");
    const auto info = Jp2().probe(*source);
    ASSERT_TRUE(info.ok()) << info.error().message;
    EXPECT_TRUE(info->facts.high_throughput) << info->detail;
    for (int level = 0; level < static_cast<int>(info->levels.size()); ++level) {
      const Image whole = Decoded(Jp2(), bytes, {}, level, Variant::kNaive);
      if (level == 0 && recipe.lossless) {
        ASSERT_EQ(Compare(whole.view(), page.view()).maximum, 0);
      }
      for (int y = 0; y < page.height(); y += 31) {
        for (int x = 0; x < page.width(); x += 29) {
          const Region region{x, y, std::min(33, page.width() - x),
                              std::min(35, page.height() - y)};
          const Region covered = LevelRegion(*info, region, level);
          for (Variant variant : {Variant::kLibrary, Variant::kBest}) {
            Image part(covered.size(), 3);
            const auto report = Jp2().decode(
                *source, {.region = region, .level = level, .variant = variant}, part.view());
            ASSERT_TRUE(report.ok()) << report.error().message;
            EXPECT_EQ(report->fallback, "");
            ASSERT_LE(Compare(part.view(), whole.view().crop(covered)).maximum,
                      recipe.lossless ? 0 : 1)
                << VariantName(variant) << " level " << level << " region " << x << "," << y;
          }
        }
      }
    }
  }
  if (recipes == 0) GTEST_SKIP() << "built without OpenJPH";
}

TEST(Jp2Test, HighThroughputShowsInCapabilitiesAndInTheStyleOfCodeBlocks) {
  const Recipe* recipe = FindRecipe("htj2k_lossless");
  if (recipe == nullptr) GTEST_SKIP() << "built without OpenJPH";
  const auto bytes = Encoded(Jp2(), TestPicture({64, 64}, 1), recipe->options);
  const auto detail_without = [&](bool capabilities, bool style) {
    auto changed = bytes;
    for (size_t i = 0; i + 14 < changed.size() && !(changed[i] == 0xFF && changed[i + 1] == 0x90);
         ++i) {
      if (changed[i] != 0xFF) continue;
      if (!capabilities && changed[i + 1] == 0x50) changed[i + 5] = 0;  // Pcap: bit 15 from the top
      if (!style && changed[i + 1] == 0x52) changed[i + 12] = 0;
    }
    auto source = Source::Borrow(changed, "ht.jp2");
    const auto info = Jp2().probe(*source);
    EXPECT_TRUE(info.ok());
    return info.ok() ? info->detail : "";
  };
  EXPECT_EQ(detail_without(true, true).find("HTJ2K"), 0u);
  EXPECT_EQ(detail_without(true, false).find("HTJ2K"), 0u);
  EXPECT_EQ(detail_without(false, true).find("HTJ2K"), 0u);
  EXPECT_EQ(detail_without(false, false).find("HTJ2K"), std::string::npos);
}

TEST(Jp2Test, DamagedHighThroughputFilesAreSafe) {
  const Recipe* recipe = FindRecipe("htj2k_lossless_tiled");
  if (recipe == nullptr) GTEST_SKIP() << "built without OpenJPH";
  EncodeOptions options = recipe->options;
  options.tile = {64, 64};
  const auto good = Encoded(Jp2(), TestPicture({150, 130}, 3), options);
  std::mt19937_64 random(5);
  for (int round = 0; round < 60; ++round) {
    auto bytes = good;
    if (round % 4 == 0) bytes.resize(200 + random() % (bytes.size() - 200));
    for (int n = 0; n < 3; ++n)
      bytes[200 + random() % (bytes.size() - 200)] = static_cast<uint8_t>(random());
    auto source = Source::Borrow(bytes, "damaged.jp2");
    auto part = DecodeToImage(*source, {50, 50, 60, 60}, 0);  // an error or some pixels, no crash
    if (!part.ok()) {
      EXPECT_NE(part.error().message.find("damaged.jp2"), std::string::npos);
    }
  }
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
