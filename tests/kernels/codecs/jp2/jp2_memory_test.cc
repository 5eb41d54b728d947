// Small files that ask for memory: counted before anything is built.
#include <sys/resource.h>

#include "tests/kernels/codecs/jp2/made_files.h"

namespace iiifbench {
namespace {

// A codestream of one tile-part without data.
struct Bomb {
  const char* name;
  int64_t width = 1000, height = 1000, tile_width = 0, tile_height = 0;  // 0: as the picture
  int components = 3;
  int layers = 1, decompositions = 5;
  int block_log = 6;
  int precinct_log = 15;
  bool high_throughput = false;
};

Bytes MadeBomb(const Bomb& b) {
  Bytes siz = Joined({Big(b.high_throughput ? 0x4000 : 0, 2), Big(b.width, 4), Big(b.height, 4),
                      Big(0, 8), Big(b.tile_width > 0 ? b.tile_width : b.width, 4),
                      Big(b.tile_height > 0 ? b.tile_height : b.height, 4), Big(0, 8),
                      Big(b.components, 2)});
  for (int c = 0; c < b.components; ++c) Append(siz, {7, 1, 1});
  Bytes cod = Joined({{static_cast<uint8_t>(b.precinct_log < 15 ? 1 : 0), 0},
                      Big(b.layers, 2),
                      {0},
                      {static_cast<uint8_t>(b.decompositions),
                       static_cast<uint8_t>(b.block_log - 2), static_cast<uint8_t>(b.block_log - 2),
                       static_cast<uint8_t>(b.high_throughput ? 0x40 : 0), 1}});
  if (b.precinct_log < 15)
    for (int r = 0; r <= b.decompositions; ++r)
      cod.push_back(static_cast<uint8_t>(b.precinct_log << 4 | b.precinct_log));
  Bytes qcd = {0x40};
  for (int n = 0; n < 3 * b.decompositions + 1; ++n) qcd.push_back(8 << 3);
  const auto segment = [](int marker, const Bytes& body) {
    return Joined({Big(marker, 2), Big(static_cast<int64_t>(body.size()) + 2, 2), body});
  };
  const int64_t across = (b.width + (b.tile_width > 0 ? b.tile_width : b.width) - 1) /
                         (b.tile_width > 0 ? b.tile_width : b.width);
  std::vector<MadePart> parts;
  for (int t = 0; t < std::min<int64_t>(across, 4); ++t)
    parts.push_back({.tile = t, .packets = Bytes(40)});  // packets without a code-block
  return WithParts(Joined({Big(0xFF4F, 2), segment(0xFF51, siz),
                           b.high_throughput ? segment(0xFF50, {0, 2, 0, 0, 0, 0}) : Bytes{},
                           segment(0xFF52, cod), segment(0xFF5C, qcd)}),
                   parts);
}

int64_t PeakMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

TEST(Jp2MemoryTest, BombsAreTooLargeBeforeAnythingIsBuilt) {
  const Bomb bombs[] = {
      {.name = "code-blocks", .width = 20000, .height = 20000, .block_log = 2},
      {.name = "code-blocks of a smaller picture", .width = 3000, .height = 3000, .block_log = 2},
      {.name = "HT code-blocks",
       .width = 20000,
       .height = 20000,
       .block_log = 2,
       .high_throughput = true},
      {.name = "precincts", .width = 20000, .height = 20000, .precinct_log = 1},
      {.name = "precincts of a smaller picture", .width = 2000, .height = 2000, .precinct_log = 1},
      {.name = "precincts beyond any number",
       .width = 1 << 30,
       .height = 1 << 30,
       .components = 3,
       .layers = 65535,
       .precinct_log = 1},
      {.name = "layers of precincts", .layers = 65535, .precinct_log = 4},
      {.name = "tiles", .width = 255, .height = 255, .tile_width = 1, .tile_height = 1},
      {.name = "HT tiles",
       .width = 255,
       .height = 255,
       .tile_width = 1,
       .tile_height = 1,
       .high_throughput = true},
      {.name = "components", .width = 4096, .tile_width = 4, .components = 255},
  };
  const int64_t before = PeakMegabytes();
  for (const Bomb& bomb : bombs) {
    SCOPED_TRACE(bomb.name);
    Bytes bytes = MadeBomb(bomb);
    if (bomb.components > 4) bytes = MadeJp2(bytes, EnumeratedColour(16));
    for (const Variant variant : {Variant::kLibrary, Variant::kBest}) {
      const auto [kind, message] = RefusalOf(bytes, {0, 0, 2, 2}, 0, variant);
      // The best way to HT reads only the headers of the packets that it needs.
      if (variant != Variant::kBest) {
        EXPECT_EQ(kind, ErrorKind::kTooLarge) << message;
      } else if (!bomb.high_throughput) {
        // Our own reader may see first that the tiles are missing.
        EXPECT_TRUE(kind == ErrorKind::kTooLarge || kind == ErrorKind::kBadInput) << message;
        EXPECT_NE(message, "an answer");
      }
    }
  }
  EXPECT_LT(PeakMegabytes() - before, 64);
}

TEST(Jp2MemoryTest, HonestFilesAreNotBombs) {
  // A blank page in the smallest code-blocks that a writer would choose, and a page of many layers
  // and tiles.
  const auto white = [](int, int) { return 255; };
  for (const MadeCoding& coding :
       {MadeCoding{.decompositions = 5}, MadeCoding{.decompositions = 5, .block = 16},
        MadeCoding{.decompositions = 5, .tile = {64, 64}, .layers = 25}}) {
    const Bytes bytes = MadeCodestream({400, 300}, {{.value = white}}, coding);
    EXPECT_EQ(RefusalOf(bytes, {10, 10, 50, 50}).second, "an answer");
  }
}

TEST(Jp2MemoryTest, LimitsAreAskedBeforeBuffersAreMade) {
  const Bytes bytes = MadeBomb({.name = "large", .width = 60000, .height = 60000, .components = 1});
  auto source = Source::Borrow(bytes, "large.j2k");
  const auto info = FindCodec("jp2")->probe(*source);
  ASSERT_TRUE(info.ok()) << info.error().message;
  Image out({100, 100}, 1);
  const Region part{500, 500, 100, 100};
  DecodeRequest request{.region = part, .variant = Variant::kNaive};
  auto naive = FindCodec("jp2")->decode(*source, request, out.view());
  ASSERT_FALSE(naive.ok());
  EXPECT_EQ(naive.error().kind, ErrorKind::kTooLarge);
  request.variant = Variant::kBest;
  request.limits.max_pixels = 1000;
  auto best = FindCodec("jp2")->decode(*source, request, out.view());
  ASSERT_FALSE(best.ok());
  EXPECT_EQ(best.error().kind, ErrorKind::kTooLarge);
}

}  // namespace
}  // namespace iiifbench
