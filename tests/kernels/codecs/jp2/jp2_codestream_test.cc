// Codestreams that are legal, rare and were refused: tiles with a coding of their own, packed
// packet headers, markers without a length; and markers that lie.
#include "tests/kernels/codecs/jp2/made_files.h"

namespace iiifbench {
namespace {

const Codec& Jp2000() { return *FindCodec("jp2"); }
constexpr Variant kAllVariants[] = {Variant::kNaive, Variant::kLibrary, Variant::kBest};

// Tiles of 64 with 5 decompositions, but those in `short_tiles` with `fewer`.
Bytes WithShortTiles(const Image& page, const std::vector<int>& short_tiles, int fewer) {
  const MadeCoding coding{.decompositions = 5, .colour_transform = true, .tile = {64, 64}};
  MadeCoding less = coding;
  less.decompositions = fewer;
  const Bytes whole = MadeCodestream(page.size(), ComponentsOf(page), coding),
              other = MadeCodestream(page.size(), ComponentsOf(page), less);
  auto parts = PartsOf(whole);
  const auto others = PartsOf(other);
  for (const int tile : short_tiles) {
    parts[static_cast<size_t>(tile)] = others[static_cast<size_t>(tile)];
    parts[static_cast<size_t>(tile)].segments = Joined(
        {SegmentAt(other, MarkerAt(other, 0xFF52)), SegmentAt(other, MarkerAt(other, 0xFF5C))});
  }
  return WithParts(MainHeaderOf(whole), parts);
}

TEST(Jp2CodestreamTest, EverySizeIsAnsweredWhereATileHasFewerLevels) {
  Image page({200, 130}, 3);  // smooth: a mean and a wavelet's low pass show nearly the same
  for (int y = 0; y < 130; ++y)
    for (int x = 0; x < 600; ++x)
      page.view().row(y)[x] = static_cast<uint8_t>(40 + x / 4 + (x % 3 == 1 ? 60 - y / 3 : y / 2));
  const Bytes plain = WithShortTiles(page, {}, 0);
  for (const int fewer : {0, 1, 3}) {
    SCOPED_TRACE(fewer);
    const Bytes bytes = WithShortTiles(page, {1, 6}, fewer);
    auto source = Source::Borrow(bytes, "short.j2k");
    const auto info = Jp2000().probe(*source);
    ASSERT_TRUE(info.ok()) << info.error().message;
    ASSERT_EQ(info->levels.size(), 6u);
    EXPECT_EQ(Compare(Decoded(Jp2000(), bytes, {}, 0, Variant::kBest).view(), page.view()).maximum,
              0);
    for (int level = 1; level < 6; ++level) {
      const Image whole = Decoded(Jp2000(), bytes, {}, level, Variant::kNaive);
      const Image wavelet = Decoded(Jp2000(), plain, {}, level, Variant::kNaive);
      EXPECT_LT(Compare(whole.view(), wavelet.view()).mean, 1 + (1 << level) * 0.5) << level;
    }
    ExpectVariantsAgree(Jp2000(), bytes, kAllVariants, 6, 7);
    Image part({8, 8}, 3);
    if (fewer == 3) continue;
    const auto across =
        Jp2000().decode(*source, {.region = {64, 0, 64, 64}, .level = 3}, part.view());
    ASSERT_TRUE(across.ok()) << across.error().message;
    EXPECT_NE(across->fallback.find("averaged from a finer level"), std::string::npos);
  }
}

TEST(Jp2CodestreamTest, MarkersWithoutALengthArePassedOver) {
  const Image page = TestPicture({90, 70}, 3);
  const Bytes good = MadeCodestream(page.size(), ComponentsOf(page), {.tile = {64, 64}});
  Bytes bytes = good;
  const auto insert = [&](size_t at, const Bytes& what) {
    bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(at), what.begin(), what.end());
  };
  insert(MarkerAt(good, 0xFF5C), {0xFF, 0x30, 0xFF, 0x3F});
  insert(MarkerAt(good, 0xFF52), {0xFF, 0x37});
  for (const Variant variant : kAllVariants)
    EXPECT_EQ(Compare(Decoded(Jp2000(), bytes, {}, 0, variant).view(), page.view()).maximum, 0);
  // Any other that is unknown may change pixels.
  bytes = good;
  insert(MarkerAt(good, 0xFF52), {0xFF, 0x6A, 0, 4, 1, 2});
  const auto [kind, message] = RefusalOf(bytes);
  EXPECT_EQ(kind, ErrorKind::kUnsupported);
  EXPECT_NE(message.find("marker FF6A at byte"), std::string::npos) << message;
}

// The headers of packets that have SOP and EPH markers, and what is left without them.
struct SplitPackets {
  std::vector<Bytes> headers;
  Bytes bodies;
};
SplitPackets Split(const Bytes& packets) {
  SplitPackets split;
  for (size_t at = 0; at < packets.size();) {
    EXPECT_EQ(BigAt(packets, at, 2), 0xFF91);
    size_t eph = at + 6;
    while (BigAt(packets, eph, 2) != 0xFF92) ++eph;
    size_t end = eph + 2;
    while (end + 2 <= packets.size() && BigAt(packets, end, 2) != 0xFF91) ++end;
    if (end + 2 > packets.size()) end = packets.size();
    const auto from = packets.begin();
    split.headers.emplace_back(from + static_cast<ptrdiff_t>(at) + 6,
                               from + static_cast<ptrdiff_t>(eph) + 2);
    split.bodies.insert(split.bodies.end(), from + static_cast<ptrdiff_t>(at),
                        from + static_cast<ptrdiff_t>(at) + 6);
    split.bodies.insert(split.bodies.end(), from + static_cast<ptrdiff_t>(eph) + 2,
                        from + static_cast<ptrdiff_t>(end));
    at = end;
  }
  return split;
}

TEST(Jp2CodestreamTest, RegionsOfPackedPacketHeadersAreCropsOfTheWhole) {
  const Image page = TestPicture({150, 100}, 3);
  const Bytes good =
      MadeCodestream(page.size(), ComponentsOf(page),
                     {.colour_transform = true, .tile = {64, 64}, .sop_and_eph = true});
  for (const bool main : {true, false}) {
    SCOPED_TRACE(main ? "PPM" : "PPT");
    auto parts = PartsOf(good);
    Bytes packed = {0};  // Zppm
    for (MadePart& part : parts) {
      const SplitPackets split = Split(part.packets);
      const Bytes headers = Joined(split.headers);
      part.packets = split.bodies;
      if (main) {
        Append(packed, Joined({Big(static_cast<int64_t>(headers.size()), 4), headers}));
      } else {
        part.segments = Joined(
            {Big(0xFF61, 2), Big(static_cast<int64_t>(headers.size()) + 3, 2), {0}, headers});
      }
    }
    Bytes header = MainHeaderOf(good);
    ASSERT_LT(packed.size(), 65000u);
    if (main)
      Append(header,
             Joined({Big(0xFF60, 2), Big(static_cast<int64_t>(packed.size()) + 2, 2), packed}));
    const Bytes bytes = WithParts(header, parts);
    EXPECT_EQ(Compare(Decoded(Jp2000(), bytes, {}, 0, Variant::kNaive).view(), page.view()).maximum,
              0);
    ExpectVariantsAgree(Jp2000(), bytes, kAllVariants, 8, 5);
    auto source = Source::Borrow(bytes, "packed.j2k");
    Image part({30, 20}, 3);
    const auto report = Jp2000().decode(*source, {.region = {70, 10, 30, 20}}, part.view());
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_EQ(report->fallback, "");
  }
}

TEST(Jp2CodestreamTest, LengthsThatLeaveTheFileAreErrors) {
  const Image page = TestPicture({90, 70}, 3);
  const Bytes good = MadeCodestream(page.size(), ComponentsOf(page), {.tile = {64, 64}});
  const size_t sot = MarkerAt(good, 0xFF90);
  for (const int64_t length : {int64_t{1}, int64_t{13}, int64_t{0x7FFFFFFF}, int64_t{0xFFFFFFFF}}) {
    Bytes bytes = good;
    const Bytes big = Big(length, 4);
    std::copy(big.begin(), big.end(), bytes.begin() + static_cast<ptrdiff_t>(sot) + 6);
    EXPECT_EQ(RefusalOf(bytes).first, ErrorKind::kBadInput) << length;
  }
  for (const int marker : {0xFF51, 0xFF52, 0xFF5C}) {
    for (const int64_t length : {0, 1, 2, 3, 7, 0xFFFF}) {
      Bytes bytes = good;
      const Bytes big = Big(length, 2);
      std::copy(big.begin(), big.end(),
                bytes.begin() + static_cast<ptrdiff_t>(MarkerAt(good, marker)) + 2);
      EXPECT_NE(RefusalOf(bytes).second, "an answer") << marker << " " << length;
    }
  }
  // Every cut of the headers and of the first tile-part.
  for (size_t size = 0; size < sot + 200; ++size) {
    const Bytes cut(good.begin(), good.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_EQ(RefusalOf(cut).first, ErrorKind::kBadInput) << size;
  }
}

TEST(Jp2CodestreamTest, AQuantisationOfTooFewBandsIsDamage) {
  const Image page = TestPicture({90, 70}, 3);
  Bytes bytes = MadeCodestream(page.size(), ComponentsOf(page), {.decompositions = 3});
  const size_t cod = MarkerAt(bytes, 0xFF52);
  bytes[cod + 9] = 4;
  for (const Variant variant : kAllVariants) {
    const auto [kind, message] = RefusalOf(bytes, {}, 0, variant);
    EXPECT_EQ(kind, ErrorKind::kBadInput);
    EXPECT_NE(message.find("without all its bands: 10 of 13"), std::string::npos) << message;
  }
}

TEST(Jp2CodestreamTest, WhatTheLibraryWarnsOfIsDamage) {
  const Image page = TestPicture({90, 70}, 3);
  const MadeCoding coding{.decompositions = 2, .sop_and_eph = true};
  const Bytes good = MadeCodestream(page.size(), ComponentsOf(page), coding);
  // An EPH marker that is announced and absent.
  Bytes bytes = good;
  size_t eph = MarkerAt(good, 0xFF90);
  while (BigAt(good, eph, 2) != 0xFF92) ++eph;
  bytes[eph + 1] = 0x12;
  const auto [kind, message] = RefusalOf(bytes);
  EXPECT_EQ(kind, ErrorKind::kBadInput);
  EXPECT_NE(message.find("EPH"), std::string::npos) << message;
  // SOP markers may be left out where they are announced (T.800 A.8.1).
  auto parts = PartsOf(good);
  Bytes packets;
  for (size_t at = 0; at < parts[0].packets.size(); ++at) {
    const bool sop =
        at + 6 <= parts[0].packets.size() && BigAt(parts[0].packets, at, 4) == 0xFF910004;
    if (sop) at += 6;
    packets.push_back(parts[0].packets[at]);
  }
  parts[0].packets = packets;
  const Bytes without = WithParts(MainHeaderOf(good), parts);
  EXPECT_EQ(Compare(Decoded(Jp2000(), without, {}, 0, Variant::kBest).view(), page.view()).maximum,
            0);
}

TEST(Jp2CodestreamTest, MoreThan255PartsOfATileAreRefusedAtOnce) {
  const Bytes good = MadeCodestream({16, 16}, {{.value = [](int x, int y) { return x * y; }}},
                                    {.decompositions = 0});
  auto parts = PartsOf(good);
  for (int n = 1; n < 240000; ++n) {
    parts.push_back({.number = n % 256, .count = 0});
  }
  const auto [kind, message] = RefusalOf(WithParts(MainHeaderOf(good), parts));
  EXPECT_EQ(kind, ErrorKind::kBadInput);
  EXPECT_NE(message.find("more than 255 parts"), std::string::npos) << message;
}

}  // namespace
}  // namespace iiifbench
