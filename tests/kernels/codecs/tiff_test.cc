#include <tiff.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>

#include "kernels/codecs/tiff/tile.h"
#include "tests/kernels/codecs/test_pages.h"

namespace iiifbench {
namespace {

const Codec& Tiff() { return *FindCodec("tiff"); }

TEST(TiffTest, LosslessRecipesRoundTripAndRegionsAreCrops) {
  const Variant variants[] = {Variant::kLibrary, Variant::kBest};
  uint64_t seed = 1;
  for (const Recipe& recipe : Tiff().recipes) {
    for (int channels : {1, 3}) {
      SCOPED_TRACE(std::string(recipe.name));
      const Image page = TestPicture({601, 437}, channels);
      const auto bytes = Encoded(Tiff(), page, recipe.options);
      if (recipe.lossless) {
        EXPECT_EQ(
            Compare(Decoded(Tiff(), bytes, {}, 0, Variant::kLibrary).view(), page.view()).maximum,
            0);
        EXPECT_EQ(
            Compare(Decoded(Tiff(), bytes, {}, 0, Variant::kBest).view(), page.view()).maximum, 0);
      }
      ExpectVariantsAgree(Tiff(), bytes, variants, 6, ++seed);
    }
  }
}

// Samples go from the rows into the file; the last strip is short, the last column of tiles reaches
// beyond.
TEST(TiffTest, UncompressedSamplesAreCopiedOnce) {
  const Image page = TestPicture({333, 259}, 3);
  for (const Size tile : {Size{0, 0}, Size{64, 48}}) {
    const ConstPixelView part = page.view().crop({7, 5, 300, 251});
    std::vector<uint8_t> bytes;
    auto done = Tiff().encode(part, {.tile = tile, .compression = "none", .pyramid = false}, bytes);
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(Compare(Decoded(Tiff(), bytes, {}, 0, Variant::kLibrary).view(), part).maximum, 0);
    EXPECT_EQ(Compare(Decoded(Tiff(), bytes, {}, 0, Variant::kBest).view(), part).maximum, 0);
  }
}

TEST(TiffTest, ThePyramidIsFoundAndHalvesDownToOneTile) {
  const auto bytes =
      Encoded(Tiff(), TestPicture({1001, 700}, 3), FindRecipe("tiff_deflate")->options);
  auto source = Source::Borrow(bytes, "pyramid.tif");
  auto info = Tiff().probe(*source);
  ASSERT_TRUE(info.ok()) << info.error().message;
  const std::vector<Size> expected = {{1001, 700}, {500, 350}, {250, 175}};
  EXPECT_EQ(info->levels, expected);
  EXPECT_EQ(info->tile, (Size{256, 256}));
}

TEST(TiffTest, RegionReadsOnlyTouchedTiles) {
  const auto bytes =
      Encoded(Tiff(), TestPicture({1024, 1024}, 3), FindRecipe("tiff_none")->options);
  auto source = Source::Borrow(bytes, "tiles.tif");
  Image out({100, 100}, 3);
  DecodeRequest request{.region = {300, 300, 100, 100}};
  ASSERT_TRUE(Tiff().decode(*source, request, out.view()).ok());
  EXPECT_LT(source->bytes_read(), 256 * 256 * 3 + 20000);
}

TEST(TiffTest, DamagedLzwIsAnErrorNotAPicture) {
  const Image page = TestPicture({300, 300}, 3);
  const auto bytes = Encoded(Tiff(), page, FindRecipe("tiff_lzw")->options);
  std::mt19937_64 random(5);
  int errors = 0;
  for (int round = 0; round < 300; ++round) {
    auto damaged = bytes;
    for (int k = 0; k < 3; ++k)
      damaged[8 + random() % (damaged.size() - 8)] ^= static_cast<uint8_t>(1u << random() % 8);
    auto source = Source::Borrow(damaged, "damaged.tif");
    auto image = DecodeWhole(*source, Variant::kBest);
    if (!image.ok())
      ++errors;  // otherwise the damage hit pixels only; what matters is that nothing is read out
                 // of bounds
  }
  EXPECT_GT(errors, 20);
}

TEST(TiffTest, JpegTilesAreDecodedWithoutLibtiffAndOddOnesWithIt) {
  for (int channels : {1, 3}) {
    auto bytes =
        Encoded(Tiff(), TestPicture({600, 600}, channels), FindRecipe("tiff_jpeg")->options);
    Image out({600, 600}, channels);
    DecodeRequest request{.region = {0, 0, 600, 600}};
    auto source = Source::Borrow(bytes, "tiles.tif");
    auto report = Tiff().decode(*source, request, out.view());
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_EQ(report->fallback, "");
    const std::array<uint8_t, 4> frame = {0xFF, 0xC0, 0x00,
                                          channels == 1 ? uint8_t{11} : uint8_t{17}};
    auto at = std::search(bytes.begin(), bytes.end(), frame.begin(), frame.end());
    ASSERT_NE(at, bytes.end());
    at[1] = 0xC1;  // extended sequential: the same picture
    ASSERT_TRUE(Tiff().decode(*Source::Borrow(bytes, "extended.tif"), request, out.view()).ok());
    const Image by_library = Decoded(Tiff(), bytes, {}, 0, Variant::kLibrary);
    EXPECT_EQ(Compare(out.view(), by_library.view()).maximum, 0);
    at[6] = static_cast<uint8_t>(at[6] ^ 1);  // another height than the tile's
    auto odd = Tiff().decode(*Source::Borrow(bytes, "odd.tif"), request, out.view());
    const std::string said = odd ? odd->fallback : odd.error().message;
    EXPECT_NE(said.find("libtiff"), std::string::npos) << said;
  }
}

// Writers that pad the last strip: libtiff ignores what is too much, so the fast path must as well.
TEST(TiffTest, AStreamWithMoreThanItsTileGivesTheTile) {
  std::mt19937_64 random(9);
  std::vector<uint8_t> samples(100'000);
  for (auto& sample : samples) sample = static_cast<uint8_t>(random() % 7);
  const size_t total = 61'234;
  for (int compression : {COMPRESSION_ADOBE_DEFLATE, COMPRESSION_ZSTD}) {
    tiff::TileScratch scratch;
    scratch.room.resize(200'000);
    uLongf bytes = scratch.room.size();
    if (compression == COMPRESSION_ZSTD) {
      bytes = ZSTD_compress(scratch.room.data(), scratch.room.size(), samples.data(),
                            samples.size(), 3);
    } else {
      ASSERT_EQ(compress(scratch.room.data(), &bytes, samples.data(), samples.size()), Z_OK);
    }
    scratch.stored = std::span(scratch.room).first(bytes);
    const auto whole =
        tiff::DecodeStored(static_cast<uint16_t>(compression), scratch, total, total);
    EXPECT_TRUE(whole.ok()) << whole.error().message;
    EXPECT_TRUE(std::equal(scratch.tile(), scratch.tile() + total, samples.begin())) << compression;
    scratch.stored = scratch.stored.first(bytes / 3);
    const auto cut = tiff::DecodeStored(static_cast<uint16_t>(compression), scratch, total, total);
    ASSERT_FALSE(cut.ok()) << compression;
    EXPECT_EQ(cut.error().kind, ErrorKind::kBadInput);
  }
}

TEST(TiffTest, TruncatedFilesNameTheFile) {
  for (const Recipe& recipe : Tiff().recipes) {
    auto bytes = Encoded(Tiff(), TestPicture({600, 600}, 3), recipe.options);
    bytes.resize(bytes.size() / 3);
    auto source = Source::Borrow(bytes, "third.tif");
    auto image = DecodeWhole(*source);
    ASSERT_FALSE(image.ok()) << recipe.name;
    EXPECT_NE(image.error().message.find("third.tif"), std::string::npos) << image.error().message;
  }
}

}  // namespace
}  // namespace iiifbench
