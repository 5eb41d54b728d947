#include "kernels/codecs/jp2/part1/region.h"
#include "tests/kernels/codecs/part1_pages.h"

namespace iiifbench {
namespace {

const Codec& Jp2() { return *FindCodec("jp2"); }

struct Part1Answer {
  Image image;
  std::string error;
};
Part1Answer ByPart1(Source& source, const Region& region, const ImageInfo& info, int level,
                    int threads, int64_t rows_at_once = 0) {
  auto header = jp2::ReadHeader(source);
  if (!header) return {{}, header.error().message};
  const Region wanted = LevelRegion(info, region, level);
  Part1Answer answer{Image(wanted.size(), info.channels), ""};
  auto done = jp2::part1::DecodeRegion(source, *header, wanted,
                                       {.region = region, .level = level, .threads = threads},
                                       answer.image.view(), rows_at_once);
  if (!done) answer.error = done.error().message;
  return answer;
}

// Regions of every level, ours beside OpenJPEG's. False: OpenJPEG could not write it.
bool ExpectAsOpenJpeg(const Part1Coding& coding, uint64_t seed, int regions) {
  SCOPED_TRACE(coding.Name());
  const auto planes = Part1Samples(coding, seed);
  const auto bytes = EncodedPart1(coding, planes);
  if (bytes.empty()) return false;
  // OpenJPEG 2.5.0 loses its place in PPM where tiles are left out, so it reads the plain file.
  Part1Coding plain = coding;
  plain.packed = 0, plain.by_component = false;
  const auto plain_bytes = EncodedPart1(plain, planes);
  auto plain_source = Source::Borrow(plain_bytes, "plain.j2k");
  // One sample as stored.
  const int tolerance = coding.reversible  ? 0
                        : coding.bits >= 8 ? 1
                                           : 255 / ((1 << coding.bits) - 1) + 1;
  auto source = Source::Borrow(bytes, "part1.j2k");
  const auto info = Jp2().probe(*source);
  EXPECT_TRUE(info.ok()) << (info.ok() ? "" : info.error().message);
  if (!info.ok()) return true;
  std::mt19937_64 random(seed);
  for (int level = 0; level < static_cast<int>(info->levels.size()); ++level) {
    for (int round = 0; round < regions; ++round) {
      const Region region = round == 0 ? Region{0, 0, info->size.width, info->size.height}
                                       : RandomRegion(info->size, random);
      const int64_t rows_at_once = std::array{0, 5, 64, 17, 1}[random() % 5];
      const auto ours = ByPart1(*source, region, *info, level, 1 + round % 2, rows_at_once);
      EXPECT_EQ(ours.error, "") << "level " << level;
      if (!ours.error.empty()) return true;
      Image theirs(LevelRegion(*info, region, level).size(), info->channels);
      const auto report = Jp2().decode(
          *plain_source, {.region = region, .level = level, .variant = Variant::kLibrary},
          theirs.view());
      EXPECT_TRUE(report.ok()) << (report.ok() ? "" : report.error().message);
      if (!report.ok()) return true;
      const int difference = Compare(ours.image.view(), theirs.view()).maximum;
      EXPECT_LE(difference, tolerance)
          << rows_at_once << " rows at once, level " << level << " region " << region.x << ","
          << region.y << "," << region.width << "," << region.height;
      if (difference > tolerance) return true;
    }
  }
  return true;
}

TEST(Part1Test, EveryStyleOfCodeBlocks) {
  for (int style = 0; style < 64; ++style) {
    ASSERT_TRUE(ExpectAsOpenJpeg({.style = style}, 1, 2));
    ASSERT_TRUE(ExpectAsOpenJpeg({.size = {90, 70},
                                  .channels = 1,
                                  .reversible = false,
                                  .decompositions = 2,
                                  .style = style,
                                  .layers = 4,
                                  .ratio = 3,
                                  .noise = style % 2 == 0},
                                 2, 2));
  }
}

TEST(Part1Test, EveryOrder) {
  int changed = 0, in_parts = 0;
  for (int order = 0; order < 5; ++order) {
    for (const bool plt : {false, true}) {
      ASSERT_TRUE(ExpectAsOpenJpeg(
          {.block = {16, 16}, .precinct = 64, .order = order, .layers = 3, .plt = plt}, 3, 3));
      ASSERT_TRUE(ExpectAsOpenJpeg({.block = {32, 8},
                                    .precinct = 32,
                                    .order = order,
                                    .tile = {96, 80},
                                    .image_offset = {7, 5},
                                    .sop = true,
                                    .eph = true,
                                    .plt = plt,
                                    .tlm = plt},
                                   4, 3));
    }
    for (const char parts : {'R', 'L', 'C'})
      in_parts += ExpectAsOpenJpeg({.block = {16, 16},
                                    .precinct = 64,
                                    .order = order,
                                    .layers = 2,
                                    .plt = true,
                                    .tile_parts = parts},
                                   5, 2)
                      ? 1
                      : 0;
    changed +=
        ExpectAsOpenJpeg({.precinct = 64, .order = order, .layers = 2, .changes = true}, 6, 2) ? 1
                                                                                               : 0;
  }
  EXPECT_GT(changed, 3);
  EXPECT_GT(in_parts, 3);
}

TEST(Part1Test, TilesAndOffsets) {
  for (const bool reversible : {true, false}) {
    ASSERT_TRUE(ExpectAsOpenJpeg({.reversible = reversible, .tile = {64, 64}}, 7, 6));
    ASSERT_TRUE(ExpectAsOpenJpeg({.reversible = reversible,
                                  .tile = {77, 53},
                                  .image_offset = {33, 21},
                                  .tile_offset = {9, 17}},
                                 8, 6));
    ASSERT_TRUE(ExpectAsOpenJpeg({.reversible = reversible, .image_offset = {101, 45}}, 9, 6));
  }
}

TEST(Part1Test, DepthsAndSigns) {
  for (int bits = 1; bits <= 16; ++bits)
    for (const bool is_signed : {false, true})
      for (const bool reversible : {true, false})
        ASSERT_TRUE(ExpectAsOpenJpeg({.size = {120, 90},
                                      .channels = bits % 2 == 0 ? 3 : 1,
                                      .bits = bits,
                                      .is_signed = is_signed,
                                      .reversible = reversible},
                                     10, 2));
}

TEST(Part1Test, PicturesOfAFewPixels) {
  int written = 0;
  for (const bool reversible : {true, false})
    for (const Size size : {Size{1, 1}, Size{1, 40}, Size{40, 1}, Size{2, 3}, Size{5, 2}})
      for (const int offset : {0, 1})
        for (int decompositions = 0; decompositions < 3; ++decompositions)
          written += ExpectAsOpenJpeg({.size = size,
                                       .reversible = reversible,
                                       .decompositions = decompositions,
                                       .image_offset = {offset, offset}},
                                      11, 2)
                         ? 1
                         : 0;
  EXPECT_GT(written, 10);
}

TEST(Part1Test, RegionOfInterest) {
  for (const int shift : {4, 8, 12})
    for (const bool reversible : {true, false})
      ASSERT_TRUE(ExpectAsOpenJpeg({.reversible = reversible, .region_shift = shift}, 12, 2));
}

// Beside a region of interest OpenJPEG 2.5.0 takes the wrong passes for raw ones; the picture is
// the witness.
TEST(Part1Test, RegionOfInterestWithRawPasses) {
  for (const int style : {jp2::kBypass, jp2::kBypass | jp2::kTerminateAll, 57}) {
    const Part1Coding coding{.size = {84, 66}, .style = style, .region_shift = 7};
    SCOPED_TRACE(coding.Name());
    const auto planes = Part1Samples(coding, 17);
    const auto bytes = EncodedPart1(coding, planes);
    ASSERT_FALSE(bytes.empty());
    auto source = Source::Borrow(bytes, "part1.j2k");
    const auto info = Jp2().probe(*source);
    ASSERT_TRUE(info.ok());
    const auto ours = ByPart1(*source, {0, 0, 84, 66}, *info, 0, 1);
    ASSERT_EQ(ours.error, "");
    for (int y = 0; y < 66; ++y)
      for (int x = 0; x < 84; ++x)
        for (int c = 0; c < 3; ++c)
          ASSERT_EQ(ours.image.view().row(y)[3 * x + c],
                    planes[static_cast<size_t>(c)][static_cast<size_t>(84 * y + x)]);
  }
}

TEST(Part1Test, WhatOpenJpegOnlyReads) {
  for (const char packed : {'T', 'M'})
    for (const Size tile : {Size{0, 0}, Size{64, 64}})
      for (const int layers : {1, 3})
        ASSERT_TRUE(ExpectAsOpenJpeg({.precinct = 64,
                                      .order = layers,
                                      .layers = layers,
                                      .tile = tile,
                                      .sop = true,
                                      .eph = true,
                                      .packed = packed},
                                     13, 3));
  ASSERT_TRUE(ExpectAsOpenJpeg({.by_component = true}, 14, 3));
  ASSERT_TRUE(ExpectAsOpenJpeg({.reversible = false, .precinct = 64, .by_component = true}, 15, 3));
}

TEST(Part1Test, ALayerMoreThanAByteCounts) {
  ASSERT_TRUE(ExpectAsOpenJpeg({.size = {64, 64}, .channels = 1, .layers = 90}, 16, 1));
}

// Drawn at random over all of the above. IIIFBENCH_PART1_VARIANTS: how many.
TEST(Part1Test, DrawnVariants) {
  const char* many = std::getenv("IIIFBENCH_PART1_VARIANTS");
  const int variants = many == nullptr ? 150 : std::atoi(many);
  std::mt19937_64 random(20);
  const auto draw = [&](auto... values) {
    const int list[] = {values...};
    return list[random() % (sizeof(list) / sizeof(list[0]))];
  };
  const auto chance = [&](uint64_t in) { return random() % in == 0; };
  int written = 0;
  for (int i = 0; i < variants; ++i) {
    Part1Coding c;
    c.size = {1 + static_cast<int>(random() % 260), 1 + static_cast<int>(random() % 220)};
    c.channels = draw(1, 3);
    c.bits = chance(3) ? 1 + static_cast<int>(random() % 16) : 8;
    c.is_signed = chance(6);
    c.reversible = chance(2);
    c.colour_transform = !chance(4);
    c.decompositions = draw(0, 1, 2, 3, 5, 6);
    const int width_log = draw(2, 3, 4, 5, 6, 6, 7, 8, 9, 10);
    c.block = {1 << width_log, 1 << std::min(12 - width_log, draw(2, 3, 4, 5, 6, 6, 7, 10))};
    c.style = chance(2) ? 0 : static_cast<int>(random() % 64);
    c.precinct = draw(0, 0, 32, 64, 128, 256);
    c.order = static_cast<int>(random() % 5);
    c.layers = draw(1, 1, 2, 5, 12);
    c.ratio = chance(3) ? draw(2, 5, 20) : 0;
    if (chance(2))
      c.tile = {33 + static_cast<int>(random() % 200), 33 + static_cast<int>(random() % 200)};
    if (chance(3))
      c.image_offset = {static_cast<int>(random() % 70), static_cast<int>(random() % 70)};
    if (c.tile.width > 0 && chance(3))
      c.tile_offset = {std::min(c.image_offset.width, static_cast<int>(random() % 30)),
                       std::min(c.image_offset.height, static_cast<int>(random() % 30))};
    c.sop = chance(3), c.eph = chance(3), c.plt = chance(2), c.tlm = chance(4);
    if (chance(4)) c.tile_parts = static_cast<char>(draw('R', 'L', 'C'));
    if (chance(12)) c.region_shift = draw(3, 7, 11), c.style &= ~jp2::kBypass;
    c.noise = chance(4);
    c.by_component = chance(10);
    if (chance(8))
      c.packed = static_cast<char>(draw('T', 'M')), c.sop = c.eph = true, c.plt = c.tlm = false;
    if (c.by_component) c.tlm = false;
    written += ExpectAsOpenJpeg(c, random(), 3) ? 1 : 0;
    ASSERT_FALSE(HasFailure()) << "variant " << i;
  }
  EXPECT_GT(written, variants / 2);
  RecordProperty("written", written);
}

}  // namespace
}  // namespace iiifbench
