#include "kernels/codecs/jp2/packets/packets.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "kernels/codecs/jp2/packets/packet_bits.h"

namespace iiifbench::jp2 {
namespace {

constexpr int64_t kMostPrecincts = int64_t{1} << 20, kMostBlocks = int64_t{1} << 20,
                  kMostVisits = int64_t{1} << 26;

// One precinct of every component.
struct Precinct {
  int64_t x = 0, y = 0;  // where it begins on the reference grid: its place in position orders
  int64_t column = 0, row = 0;
  int resolution = 0;
  bool needed = false;
};

struct Walk {
  Source& source;
  const TileData& data;
  const Coding& coding;
  const Rect& tile;
  std::span<BandBlocks> bands;
  size_t bands_each;
  HeaderBits bits;
  TagTree inclusion, missing;
  int64_t at = 0, visits = 0;
  std::vector<Block*> found;  // in this packet
  std::array<Rect, 33> resolutions{};

  Error Damaged(std::string_view what) const {
    return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: {} in a packet {} bytes into its tile",
                source.name(), what, at);
  }
};

// The grid of code-blocks of a band that lie in a precinct.
Rect BlocksOf(const Coding& coding, const Rect& resolution_rect, int resolution, int band,
              const Precinct& precinct) {
  const auto r = static_cast<size_t>(resolution);
  const int w = coding.precinct_width_log[r], h = coding.precinct_height_log[r];
  const Rect cut = Intersect(resolution_rect, {{precinct.column << w, (precinct.column + 1) << w},
                                               {precinct.row << h, (precinct.row + 1) << h}});
  const Rect part = resolution == 0 ? cut : BandRect(cut, band);
  if (part.empty()) return {};
  const int bw = BlockWidthLog(coding, resolution), bh = BlockHeightLog(coding, resolution);
  return {{part.x.from >> bw, ((part.x.to - 1) >> bw) + 1},
          {part.y.from >> bh, ((part.y.to - 1) >> bh) + 1}};
}

// All precincts of the tile in the file's order of one component.
Result<std::vector<Precinct>> ListPrecincts(Walk& walk, int components, int resolution) {
  const Coding& c = walk.coding;
  std::vector<Precinct> list;
  for (int r = 0; r <= c.decompositions; ++r) {
    const Rect& rect = walk.resolutions[static_cast<size_t>(r)];
    if (rect.empty()) continue;
    const int w = c.precinct_width_log[static_cast<size_t>(r)],
              h = c.precinct_height_log[static_cast<size_t>(r)];
    const int64_t across = ((rect.x.to - 1) >> w) + 1 - (rect.x.from >> w),
                  down = ((rect.y.to - 1) >> h) + 1 - (rect.y.from >> h);
    if (across > kMostPrecincts || down > kMostPrecincts ||
        across * down > kMostPrecincts - static_cast<int64_t>(list.size()))
      return Fail(ErrorKind::kUnsupported, "{}: HTJ2K regions: more than {} precincts",
                  walk.source.name(), kMostPrecincts);
    if ((static_cast<int64_t>(list.size()) + across * down) * components > walk.data.bytes)
      return Fail(ErrorKind::kBadInput,
                  "{}: JPEG 2000: a tile of {} bytes is too short for its packets",
                  walk.source.name(), walk.data.bytes);
    const int shift = c.decompositions - r;
    for (int64_t row = rect.y.from >> h; row <= (rect.y.to - 1) >> h; ++row) {
      for (int64_t column = rect.x.from >> w; column <= (rect.x.to - 1) >> w; ++column) {
        Precinct p{.column = column, .row = row, .resolution = r};
        p.x = std::max(walk.tile.x.from, (column << w) << shift);
        p.y = std::max(walk.tile.y.from, (row << h) << shift);
        for (int band = r == 0 ? 0 : 1; r <= resolution && band <= (r == 0 ? 0 : 3); ++band) {
          const BandBlocks& b = walk.bands[Coding::BandIndex(r, band)];
          const Rect grid = {{b.first_column, b.first_column + b.columns},
                             {b.first_row, b.first_row + b.rows}};
          p.needed = p.needed || !Intersect(grid, BlocksOf(c, rect, r, band, p)).empty();
        }
        list.push_back(p);
      }
    }
  }
  // Orders that begin with position; the others are in order already: by resolution, then raster.
  if (c.progression >= 3)
    std::sort(list.begin(), list.end(), [](const Precinct& a, const Precinct& b) {
      return std::tie(a.y, a.x, a.resolution) < std::tie(b.y, b.x, b.resolution);
    });
  return list;
}

// T.800 table B.4: 0, 10, 11xx, 1111xxxxx, 111111111xxxxxxx.
int ReadPasses(HeaderBits& bits) {
  if (bits.Bit() == 0) return 1;
  if (bits.Bit() == 0) return 2;
  if (const uint32_t two = bits.Bits(2); two < 3) return 3 + static_cast<int>(two);
  if (const uint32_t five = bits.Bits(5); five < 31) return 6 + static_cast<int>(five);
  return 37 + static_cast<int>(bits.Bits(7));
}

// One code-block that is in the packet: returns its bytes.
Result<int64_t> ReadBlock(Walk& walk, int64_t x, int64_t y, int planes, Block& block) {
  const int missing = walk.missing.Value(x, y, planes, walk.bits);
  if (missing > planes) return walk.Damaged("more missing bit-planes than a code-block has");
  block.missing = static_cast<uint8_t>(missing);
  const int passes = ReadPasses(walk.bits);
  if (passes > 3)
    return Fail(ErrorKind::kUnsupported, "{}: HTJ2K regions: a code-block of {} passes",
                walk.source.name(), passes);
  block.passes = static_cast<uint8_t>(passes);
  int length_bits = 3;
  while (walk.bits.Bit() == 1) {
    if (++length_bits > 31) return walk.Damaged("a code-block of impossible length");
  }
  block.cleanup_bytes = walk.bits.Bits(length_bits);
  if (passes > 1) block.refinement_bytes = walk.bits.Bits(length_bits + (passes > 2 ? 1 : 0));
  if (walk.bits.beyond()) return walk.Damaged("the tile ends");
  return int64_t{block.cleanup_bytes} + block.refinement_bytes;
}

Result<void> ReadPacket(Walk& walk, const Precinct& precinct, int component, int resolution) {
  const Coding& c = walk.coding;
  auto started = walk.bits.Start(walk.source, walk.data, walk.at, c.sop);
  if (!started) return started;
  walk.found.clear();
  int64_t body = 0;
  const int r = precinct.resolution;
  if (walk.bits.Bit() == 1) {
    for (int band = r == 0 ? 0 : 1; band <= (r == 0 ? 0 : 3); ++band) {
      const Rect grid = BlocksOf(c, walk.resolutions[static_cast<size_t>(r)], r, band, precinct);
      if (grid.empty()) continue;
      if (grid.area() > kMostBlocks || (walk.visits += grid.area()) > kMostVisits)
        return Fail(ErrorKind::kUnsupported, "{}: HTJ2K regions: too many code-blocks",
                    walk.source.name());
      const size_t index = Coding::BandIndex(r, band);
      BandBlocks* wanted =
          r <= resolution ? &walk.bands[static_cast<size_t>(component) * walk.bands_each + index]
                          : nullptr;
      const int64_t across = grid.x.size(), down = grid.y.size();
      walk.inclusion.Reset(across, down);
      walk.missing.Reset(across, down);
      for (int64_t y = 0; y < down; ++y) {
        for (int64_t x = 0; x < across; ++x) {
          if (walk.inclusion.Value(x, y, 0, walk.bits) > 0) continue;
          Block block{.at = body};
          auto bytes = ReadBlock(walk, x, y, c.bit_planes[index], block);
          if (!bytes) return bytes.error();
          body += *bytes;
          if (wanted == nullptr) continue;
          const int64_t column = grid.x.from + x - wanted->first_column,
                        row = grid.y.from + y - wanted->first_row;
          if (column < 0 || column >= wanted->columns || row < 0 || row >= wanted->rows) continue;
          Block& kept = wanted->blocks[static_cast<size_t>(row * wanted->columns + column)];
          kept = block;
          walk.found.push_back(&kept);
        }
      }
    }
  }
  auto end = walk.bits.End(c.eph);
  if (!end) return end.error();
  if (body > walk.data.bytes - *end) return walk.Damaged("the tile ends inside a code-block");
  for (Block* block : walk.found) block->at += *end;
  walk.at = *end + body;
  return {};
}

}  // namespace

BandBlocks BlocksTouching(const Coding& coding, int component, int resolution, int band,
                          const Rect& all, const Rect& needed) {
  BandBlocks b{
      .component = component, .resolution = resolution, .band = band, .all = all, .needed = needed};
  b.width_log = BlockWidthLog(coding, resolution),
  b.height_log = BlockHeightLog(coding, resolution);
  if (needed.empty()) return b;
  b.first_column = needed.x.from >> b.width_log, b.first_row = needed.y.from >> b.height_log;
  b.columns = static_cast<int>(((needed.x.to - 1) >> b.width_log) + 1 - b.first_column);
  b.rows = static_cast<int>(((needed.y.to - 1) >> b.height_log) + 1 - b.first_row);
  return b;
}

Result<void> WalkPackets(Source& source, const TileData& data, const Coding& coding,
                         const Rect& tile, int components, int resolution,
                         std::span<BandBlocks> bands) {
  Walk walk{.source = source,
            .data = data,
            .coding = coding,
            .tile = tile,
            .bands = bands,
            .bands_each = static_cast<size_t>(1 + 3 * resolution)};
  for (int r = 0; r <= coding.decompositions; ++r)
    walk.resolutions[static_cast<size_t>(r)] = ResolutionRect(tile, coding.decompositions, r);
  auto list = ListPrecincts(walk, components, resolution);
  if (!list) return list.error();
  int64_t left = 0;
  for (const Precinct& p : *list) left += p.needed ? components : 0;
  // Inside a group components come first, and each has all of the group (T.800 B.12.1; one layer).
  const auto same_group = [&](const Precinct& a, const Precinct& b) {
    switch (coding.progression) {
      case 0:
      case 1:
        return a.resolution == b.resolution;  // LRCP, RLCP
      case 3:
        return a.y == b.y && a.x == b.x;  // PCRL
      case 4:
        return true;  // CPRL
      default:
        return false;  // RPCL
    }
  };
  for (size_t from = 0, to = 0; from < list->size() && left > 0; from = to) {
    for (to = from + 1; to < list->size() && same_group((*list)[from], (*list)[to]);) ++to;
    for (int component = 0; component < components && left > 0; ++component) {
      for (size_t p = from; p < to && left > 0; ++p) {
        auto read = ReadPacket(walk, (*list)[p], component, resolution);
        if (!read) return read;
        if ((*list)[p].needed) --left;
      }
    }
  }
  return {};
}

}  // namespace iiifbench::jp2
