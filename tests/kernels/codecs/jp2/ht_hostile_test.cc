// HTJ2K that OpenJPH 0.9.0 answers by ending the process, wrongly or slowly.
#include "tests/kernels/codecs/ht_pages.h"
#include "tests/kernels/codecs/jp2/made_files.h"

#if IIIFBENCH_TEST_HT
namespace iiifbench {
namespace {

const Codec& HtCodec() { return *FindCodec("jp2"); }

TEST(HtHostileTest, SmallTilesAtTheCornerAreThePixelsOfThePicture) {
  for (const int decompositions : {1, 3, 5}) {
    for (const Size rest : {Size{8, 8}, {1, 8}, {8, 1}, {1, 1}, {3, 2}, {2, 33}}) {
      HtCoding coding{.size = {128 + rest.width, 128 + rest.height},
                      .channels = 1,
                      .decompositions = decompositions,
                      .tile = {128, 128}};
      SCOPED_TRACE(coding.Name());
      const Image page = TestPicture(coding.size, 1);
      const auto bytes = EncodedHt(page, coding);
      // What the writer of the same library cannot write right is no test of a reader.
      if (Compare(Decoded(HtCodec(), bytes, {}, 0, Variant::kNaive).view(), page.view()).maximum !=
          0)
        continue;
      EXPECT_EQ(
          Compare(Decoded(HtCodec(), bytes, {}, 0, Variant::kBest).view(), page.view()).maximum, 0);
      auto source = Source::Borrow(bytes, "corner.j2c");
      const auto info = HtCodec().probe(*source);
      for (int level = 0; level < static_cast<int>(info->levels.size()); ++level)
        EXPECT_EQ(Compare(Decoded(HtCodec(), bytes, {}, level, Variant::kBest).view(),
                          Decoded(HtCodec(), bytes, {}, level, Variant::kNaive).view())
                      .maximum,
                  0)
            << level;
    }
  }
}

TEST(HtHostileTest, WhatOurReaderFindsWrongIsRefusedAndNotTriedElsewhere) {
  const HtCoding coding{.size = {96, 64}, .decompositions = 3};
  const auto good = EncodedHt(TestPicture(coding.size, 3), coding);
  ASSERT_EQ(RefusalOf(good).second, "an answer");
  const size_t cod = MarkerAt(good, 0xFF52), qcd = MarkerAt(good, 0xFF5C), siz = 2;
  struct Change {
    const char* what;
    size_t at;
    uint8_t value;
    ErrorKind kind;
    const char* words;
  };
  const Change changes[] = {
      {"one decomposition more", cod + 9, 4, ErrorKind::kBadInput, "without all its bands"},
      {"33 decompositions", cod + 9, 33, ErrorKind::kBadInput, "33 decompositions"},
      {"code-blocks of 2^12", cod + 10, 10, ErrorKind::kBadInput, "code-blocks"},
      {"quantiser style 3", qcd + 4, 0x43, ErrorKind::kBadInput, "quantisation of style 3"},
      {"tile of no width", siz + 4 + 18 + 3, 0, ErrorKind::kBadInput, "geometry"},
  };
  for (const Change& change : changes) {
    SCOPED_TRACE(change.what);
    auto bytes = good;
    bytes[change.at] = change.value;
    const auto [kind, message] = RefusalOf(bytes);
    EXPECT_EQ(kind, change.kind) << message;
    EXPECT_NE(message.find(change.words), std::string::npos) << message;
  }
  // Part 2: left to OpenJPEG, which answers or refuses; nothing ends.
  auto part2 = good;
  part2[siz + 4] |= 0x80;
  static_cast<void>(RefusalOf(part2));
}

TEST(HtHostileTest, AMarkerInsideACodeBlockIsDamage) {
  const HtCoding coding{.size = {96, 64}, .channels = 1, .decompositions = 2};
  const auto good = EncodedHt(TestPicture(coding.size, 1), coding);
  const size_t from = MarkerAt(good, 0xFF90) + 200;
  int refused = 0;
  for (size_t at = from; at + 10 < good.size(); at += 7) {
    auto bytes = good;
    bytes[at] = 0xFF, bytes[at + 1] = 0xF0;
    for (const Region& region : {Region{}, Region{10, 10, 5, 5}}) {
      const auto message = RefusalOf(bytes, region).second;
      if (region.empty() && message.find("marker FFF0 in the code-block") != std::string::npos)
        ++refused;
    }
  }
  EXPECT_GT(refused, 20);
}

TEST(HtHostileTest, ManyTilePartsTakeLinearTime) {
  // 64 x 64 tiles in three parts each: 12288 parts; a sixteenth where a sanitizer fills the
  // megabytes that OpenJPH asks for with each tile.
#ifdef __SANITIZE_ADDRESS__
  constexpr int kSide = 128;
#else
  constexpr int kSide = 512;
#endif
  HtCoding coding{
      .size = {kSide, kSide}, .channels = 1, .decompositions = 1, .block = {4, 4}, .tile = {8, 8}};
  const Image page = TestPicture(coding.size, 1);
  const auto whole = EncodedHt(page, coding);
  std::vector<MadePart> parts;
  for (const MadePart& part : PartsOf(whole)) {
    const auto third = static_cast<ptrdiff_t>(part.packets.size() / 3);
    const auto from = part.packets.begin();
    parts.push_back({.tile = part.tile, .number = 0, .count = 3, .packets = {from, from + third}});
    parts.push_back(
        {.tile = part.tile, .number = 1, .count = 3, .packets = {from + third, from + 2 * third}});
    parts.push_back({.tile = part.tile,
                     .number = 2,
                     .count = 3,
                     .packets = {from + 2 * third, part.packets.end()}});
  }
  // All first parts first, so that no two of a tile are neighbours.
  std::stable_sort(parts.begin(), parts.end(),
                   [](const MadePart& a, const MadePart& b) { return a.number < b.number; });
  const Bytes bytes = WithParts(MainHeaderOf(whole), parts);
  const auto start = std::clock();
  EXPECT_EQ(Compare(Decoded(HtCodec(), bytes, {}, 0, Variant::kBest).view(), page.view()).maximum,
            0);
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 20);
}

}  // namespace
}  // namespace iiifbench
#endif
