#include "kernels/codecs/jp2/ht/region.h"

#include "kernels/codecs/jp2/openjph.h"
#include "tests/kernels/codecs/ht_pages.h"

#if IIIFBENCH_TEST_HT
namespace iiifbench {
namespace {

// The region by its code-blocks, whether that pays or not.
Result<Image> ByBlocks(Source& source, const Region& wanted, int level, int channels, int threads) {
  auto header = jp2::ReadHeader(source);
  if (!header) return header.error();
  auto plan = jp2::PlanRegion(source, *header, wanted, level);
  if (!plan) return plan.error();
  Image part(wanted.size(), channels);
  auto done = jp2::DecodeRegion(source, *header, *plan, threads, part.view());
  if (!done) return done.error();
  return part;
}

// A grid of regions whose edges fall everywhere, one of one pixel, and the whole, at every level.
void ExpectRegionsAreCrops(const HtCoding& coding, int step) {
  SCOPED_TRACE(coding.Name());
  const Image page = TestPicture(coding.size, coding.channels);
  const auto bytes = EncodedHt(page, coding);
  auto source = Source::Borrow(bytes, "ht.j2c");
  const auto info = FindCodec("jp2")->probe(*source);
  ASSERT_TRUE(info.ok()) << info.error().message;
  auto header = jp2::ReadHeader(*source);
  ASSERT_TRUE(header.ok());
  for (int level = 0; level < static_cast<int>(info->levels.size()); ++level) {
    const Size size = info->levels[static_cast<size_t>(level)];
    Image whole(size, coding.channels);
    const auto rows = jp2::DecodeByOpenJph(*source, *header, {0, 0, size.width, size.height}, level,
                                           1, whole.view());
    ASSERT_TRUE(rows.ok()) << rows.error().message;
    if (level == 0 && coding.reversible && coding.bits == 8) {
      ASSERT_EQ(Compare(whole.view(), page.view()).maximum, 0);
    }
    std::vector<Region> regions = {{0, 0, size.width, size.height},
                                   {size.width / 2, size.height / 2, 1, 1}};
    for (int y = 0; y < size.height; y += step)
      for (int x = 0; x < size.width; x += step)
        regions.push_back(
            {x, y, std::min(step + 3, size.width - x), std::min(step + 1, size.height - y)});
    for (const Region& region : regions) {
      const int threads = 1 + region.x % 2;
      const auto part = ByBlocks(*source, region, level, coding.channels, threads);
      ASSERT_TRUE(part.ok()) << part.error().message;
      ASSERT_LE(Compare(part->view(), whole.view().crop(region)).maximum, coding.reversible ? 0 : 1)
          << "level " << level << " region " << region.x << "," << region.y << "," << region.width
          << "," << region.height;
    }
  }
}

TEST(HtRegionTest, EveryRegionIsTheCropOfTheWholeInEveryCoding) {
  for (const bool reversible : {true, false}) {
    for (const HtCoding& coding :
         {HtCoding{}, HtCoding{.channels = 1}, HtCoding{.colour_transform = false},
          HtCoding{.decompositions = 0}, HtCoding{.decompositions = 1},
          HtCoding{.block = {32, 32}, .precinct = 128}, HtCoding{.block = {4, 256}, .precinct = 64},
          HtCoding{.block = {128, 16}, .precinct = 256},
          HtCoding{.block = {64, 64}, .precinct = 32}, HtCoding{.bits = 12},
          HtCoding{.bits = 12, .is_signed = true}}) {
      HtCoding c = coding;
      c.reversible = reversible;
      ExpectRegionsAreCrops(c, 41);
    }
  }
}

TEST(HtRegionTest, EveryProgressionOrder) {
  for (const char* order : {"LRCP", "RLCP", "RPCL", "PCRL", "CPRL"}) {
    ExpectRegionsAreCrops({.block = {16, 16}, .precinct = 64, .order = order}, 61);
    ExpectRegionsAreCrops(
        {.precinct = 32, .order = order, .tile = {96, 80}, .image_offset = {7, 5}}, 61);
  }
}

TEST(HtRegionTest, TilesAndOffsets) {
  for (const bool reversible : {true, false}) {
    ExpectRegionsAreCrops({.reversible = reversible, .tile = {64, 64}}, 37);
    ExpectRegionsAreCrops({.reversible = reversible,
                           .tile = {77, 53},
                           .image_offset = {33, 21},
                           .tile_offset = {9, 17}},
                          37);
    ExpectRegionsAreCrops({.reversible = reversible, .image_offset = {101, 45}}, 53);
  }
}

TEST(HtRegionTest, PicturesOfAFewPixels) {
  for (const bool reversible : {true, false})
    for (const Size size : {Size{1, 1}, Size{1, 40}, Size{40, 1}, Size{2, 3}, Size{5, 2}})
      for (const int offset : {0, 1})
        ExpectRegionsAreCrops({.size = size,
                               .reversible = reversible,
                               .decompositions = 2,
                               .image_offset = {offset, offset}},
                              2);
}

TEST(HtRegionTest, ReadsOnlyWhatItTouches) {
  const Image page = TestPicture({1500, 1300}, 3);
  const auto bytes = EncodedHt(page, {.size = page.size(), .precinct = 256});
  auto source = Source::Borrow(bytes, "ht.j2c");
  const auto part = ByBlocks(*source, {700, 600, 100, 100}, 0, 3, 1);
  ASSERT_TRUE(part.ok()) << part.error().message;
  EXPECT_LT(source->bytes_read(), static_cast<int64_t>(bytes.size()) / 6);
  auto header = jp2::ReadHeader(*source);
  auto plan = jp2::PlanRegion(*source, *header, {700, 600, 100, 100}, 0);
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(jp2::RegionPays(*plan, 1));
  EXPECT_LT(plan->samples, 340 * 340);
}

// The codec falls back and says why; the pixels stay right.
TEST(HtRegionTest, CodingOfAComponentIsLeftToOthers) {
  const Image page = TestPicture({150, 130}, 3);
  auto bytes = EncodedHt(page, {.size = page.size()});
  size_t qcd = 0;
  while (bytes[qcd] != 0xFF || bytes[qcd + 1] != 0x5C) ++qcd;
  // COC of component 0: what COD says (no precincts, 4 decompositions, 64x64, HT, 5/3).
  const uint8_t coc[] = {0xFF, 0x53, 0, 9, 0, 0, 4, 4, 4, 0x40, 1};
  bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(qcd), std::begin(coc), std::end(coc));
  auto source = Source::Borrow(bytes, "coc.j2c");
  EXPECT_FALSE(ByBlocks(*source, {50, 50, 20, 20}, 0, 3, 1).ok());
  Image part({20, 20}, 3);
  const auto report = FindCodec("jp2")->decode(*source, {.region = {50, 50, 20, 20}}, part.view());
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_NE(report->fallback.find("marker FF53"), std::string::npos) << report->fallback;
  EXPECT_EQ(Compare(part.view(), page.view().crop({50, 50, 20, 20})).maximum, 0);
}

TEST(HtRegionTest, TruncatedFilesFailOrAreWhole) {
  const Image page = TestPicture({150, 130}, 3);
  const auto good = EncodedHt(page, {.size = page.size(), .precinct = 64});
  for (size_t length = 100; length < good.size(); length += 97) {
    // As it is, and with the tile-part's length mended, so that only the packets know.
    for (const bool mended : {false, true}) {
      auto bytes =
          std::vector<uint8_t>(good.begin(), good.begin() + static_cast<ptrdiff_t>(length));
      size_t sot = 0;
      while (sot + 12 < bytes.size() && (bytes[sot] != 0xFF || bytes[sot + 1] != 0x90)) ++sot;
      if (mended && sot + 14 < bytes.size())
        for (size_t i = 0; i < 4; ++i) bytes[sot + 6 + i] = 0;  // to the end of the file
      auto source = Source::Borrow(bytes, "cut.j2c");
      const auto part = ByBlocks(*source, {20, 30, 60, 70}, 0, 3, 1);
      if (part.ok()) {
        EXPECT_EQ(Compare(part->view(), page.view().crop({20, 30, 60, 70})).maximum, 0) << length;
      } else {
        EXPECT_NE(part.error().message.find("cut.j2c"), std::string::npos) << part.error().message;
      }
    }
  }
}

TEST(HtRegionTest, FlippedBitsAreSafe) {
  const Image page = TestPicture({150, 130}, 3);
  const auto good = EncodedHt(page, {.size = page.size(), .precinct = 64});
  std::mt19937_64 random(11);
  int wrong = 0;
  for (int round = 0; round < 400; ++round) {
    auto bytes = good;
    // Half of them in the headers, where lengths are.
    const size_t below = round % 2 == 0 ? 220 : bytes.size();
    bytes[random() % below] ^= static_cast<uint8_t>(1u << (random() % 8));
    auto source = Source::Borrow(bytes, "flipped.j2c");
    auto header = jp2::ReadHeader(*source);
    // What the codec refuses before it decodes.
    if (!header || header->components != 3 || header->bits > 16 || header->x1 - header->x0 > 2000 ||
        header->y1 - header->y0 > 2000 || header->subsampled)
      continue;
    const auto part = ByBlocks(*source, {20, 30, 60, 70}, 0, 3, 1);
    if (!part.ok()) {
      ++wrong;
      EXPECT_NE(part.error().message.find("flipped.j2c"), std::string::npos)
          << part.error().message;
    }
  }
  EXPECT_GT(wrong, 20);
}

}  // namespace
}  // namespace iiifbench
#endif
