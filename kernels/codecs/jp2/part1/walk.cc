#include "kernels/codecs/jp2/part1/walk.h"

#include <algorithm>
#include <bit>
#include <memory>

#include "kernels/codecs/jp2/packets/packet_bits.h"
#include "kernels/codecs/jp2/part1/sequence.h"
#include "kernels/codecs/jp2/t1/code_block.h"

namespace iiifbench::jp2::part1 {
namespace {

constexpr int64_t kMostBlocks = int64_t{1} << 20, kMostUnderWay = int64_t{1} << 22,
                  kMostVisits = int64_t{1} << 26;

struct BlockState {
  uint16_t passes = 0, segment = 0;
  int16_t segment_left = 0;  // passes until the next segment begins
  uint8_t length_bits = 3, missing = 0;
  bool included = false;
};
struct BandState {
  Rect grid;  // of code-blocks
  TagTree inclusion, missing;
  std::vector<BlockState> blocks;
};
struct PrecinctState {
  int bands = 0;
  std::array<BandState, 3> band;
  int64_t count = 0;
};

struct Walk {
  Source& source;
  const TileStream& stream;
  const TileCoding& coding;
  TileBlocks& out;
  std::vector<std::vector<PrecinctGrid>> grids;          // by component and resolution
  std::vector<std::vector<std::array<Band*, 4>>> bands;  // likewise, by band; null: not needed
  std::vector<std::vector<Rect>> needed;                 // likewise, of the precincts
  std::vector<std::vector<std::vector<std::unique_ptr<PrecinctState>>>> under_way;
  PrecinctState single;  // of one layer: no state outlives its packet
  HeaderBits bits;
  std::unique_ptr<Source> packed;  // the headers that stand apart
  TileData packed_data;
  int64_t at = 0, header_at = 0, visits = 0, live = 0;
  std::vector<uint32_t> found;  // pieces of this packet

  Error Damaged(std::string_view what) const {
    return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: {} in a packet {} bytes into its tile",
                source.name(), what, at);
  }
};

// The grid of code-blocks of a band that lie in a precinct.
Rect BlocksOf(const Coding& coding, const PrecinctGrid& grid, int resolution, int band,
              uint32_t precinct) {
  const int64_t column = grid.first_column + precinct % grid.columns,
                row = grid.first_row + precinct / grid.columns;
  const Rect cut = Intersect(grid.all, {{column << grid.width_log, (column + 1) << grid.width_log},
                                        {row << grid.height_log, (row + 1) << grid.height_log}});
  const Rect part = resolution == 0 ? cut : BandRect(cut, band);
  if (part.empty()) return {};
  const int w = BlockWidthLog(coding, resolution), h = BlockHeightLog(coding, resolution);
  return {{part.x.from >> w, ((part.x.to - 1) >> w) + 1},
          {part.y.from >> h, ((part.y.to - 1) >> h) + 1}};
}

// The precincts that hold needed blocks of a component's resolution, as columns and rows of its
// grid.
Rect NeededPrecincts(const PrecinctGrid& grid, const std::array<Band*, 4>& bands, int resolution) {
  Rect needed;
  const int halved = resolution > 0 ? 1 : 0;
  const auto range = [](int64_t first, int count, int block_log, int precinct_log) {
    return Range{(first << block_log) >> precinct_log,
                 ((((first + count) << block_log) - 1) >> precinct_log) + 1};
  };
  for (const Band* b : bands) {
    if (b == nullptr || b->blocks.empty()) continue;
    const Rect here = {range(b->first_column, b->columns, b->width_log, grid.width_log - halved),
                       range(b->first_row, b->rows, b->height_log, grid.height_log - halved)};
    needed = needed.empty()
                 ? here
                 : Rect{{std::min(needed.x.from, here.x.from), std::max(needed.x.to, here.x.to)},
                        {std::min(needed.y.from, here.y.from), std::max(needed.y.to, here.y.to)}};
  }
  return Intersect(needed, {{grid.first_column, grid.first_column + grid.columns},
                            {grid.first_row, grid.first_row + grid.rows}});
}

bool IsNeeded(const Walk& walk, const Packet& packet) {
  const auto c = static_cast<size_t>(packet.component), r = static_cast<size_t>(packet.resolution);
  const Rect& needed = walk.needed[c][r];
  if (needed.empty()) return false;
  const PrecinctGrid& grid = walk.grids[c][r];
  const int64_t column = grid.first_column + packet.precinct % grid.columns,
                row = grid.first_row + packet.precinct / grid.columns;
  return column >= needed.x.from && column < needed.x.to && row >= needed.y.from &&
         row < needed.y.to;
}

Result<void> Open(Walk& walk, const Packet& packet, PrecinctState& state) {
  const auto c = static_cast<size_t>(packet.component), r = static_cast<size_t>(packet.resolution);
  state.bands = r == 0 ? 1 : 3, state.count = 0;
  for (int i = 0; i < state.bands; ++i) {
    BandState& band = state.band[static_cast<size_t>(i)];
    band.grid = BlocksOf(walk.coding.components[c], walk.grids[c][r], packet.resolution,
                         r == 0 ? 0 : i + 1, packet.precinct);
    const int64_t count = band.grid.area();
    state.count += count;
    if (count > kMostBlocks || walk.live + state.count > kMostUnderWay)
      return Fail(ErrorKind::kUnsupported, "{}: JPEG 2000 part 1 here: too many code-blocks",
                  walk.source.name());
    band.blocks.assign(static_cast<size_t>(count), {});
    if (count == 0) continue;
    band.inclusion.Reset(band.grid.x.size(), band.grid.y.size());
    band.missing.Reset(band.grid.x.size(), band.grid.y.size());
  }
  return {};
}

// T.800 table B.4: 0, 10, 11xx, 1111xxxxx, 111111111xxxxxxx.
int ReadPasses(HeaderBits& bits) {
  if (bits.Bit() == 0) return 1;
  if (bits.Bit() == 0) return 2;
  if (const uint32_t two = bits.Bits(2); two < 3) return 3 + static_cast<int>(two);
  if (const uint32_t five = bits.Bits(5); five < 31) return 6 + static_cast<int>(five);
  return 37 + static_cast<int>(bits.Bits(7));
}

// What the packet has of a block that is in it: its passes and, by segment, its bytes. `body`
// counts the bytes of the packet's bodies.
Result<void> ReadContribution(Walk& walk, int style, int planes, BlockState& state, Block* kept,
                              int64_t& body) {
  int passes = ReadPasses(walk.bits);
  while (walk.bits.Bit() == 1)
    if (++state.length_bits > 31) return walk.Damaged("a code-block of impossible length");
  const int most = 3 * (planes - state.missing) - 2;
  if (state.passes + passes > most) return walk.Damaged("more passes than bit-planes");
  while (passes > 0) {
    if (state.segment_left == 0) {
      if (state.passes > 0) ++state.segment;
      state.segment_left = static_cast<int16_t>(PassesOfSegment(style, state.passes));
    }
    const int here = std::min<int>(passes, state.segment_left);
    const int bits = state.length_bits + std::bit_width(static_cast<unsigned>(here)) - 1;
    if (bits > 31) return walk.Damaged("a code-block of impossible length");
    const uint32_t bytes = walk.bits.Bits(bits);
    if (walk.bits.beyond()) return walk.Damaged("the tile ends");
    passes -= here;
    state.passes = static_cast<uint16_t>(state.passes + here);
    state.segment_left = static_cast<int16_t>(state.segment_left - here);
    if (kept != nullptr) {
      const auto index = static_cast<uint32_t>(walk.out.pieces.size());
      walk.out.pieces.push_back({.at = body, .bytes = bytes, .segment = state.segment});
      (kept->first == kNoPiece ? kept->first : walk.out.pieces[kept->last].next) = index;
      kept->last = index;
      kept->passes = state.passes, kept->missing = state.missing;
    }
    body += bytes;
  }
  return {};
}

Result<void> ReadBlocks(Walk& walk, const Packet& packet, PrecinctState& state, int64_t& body) {
  const auto c = static_cast<size_t>(packet.component), r = static_cast<size_t>(packet.resolution);
  const Coding& coding = walk.coding.components[c];
  for (int i = 0; i < state.bands; ++i) {
    BandState& band = state.band[static_cast<size_t>(i)];
    if ((walk.visits += band.grid.area()) > kMostVisits)
      return Fail(ErrorKind::kUnsupported, "{}: JPEG 2000 part 1 here: too many code-blocks",
                  walk.source.name());
    const int number = r == 0 ? 0 : i + 1;
    Band* wanted = walk.bands[c][r][static_cast<size_t>(number)];
    const int planes =
        coding.bit_planes[Coding::BandIndex(packet.resolution, number)] + coding.region_shift;
    const int64_t across = band.grid.x.size(), down = band.grid.empty() ? 0 : band.grid.y.size();
    for (int64_t y = 0; y < down; ++y) {
      for (int64_t x = 0; x < across; ++x) {
        BlockState& block = band.blocks[static_cast<size_t>(y * across + x)];
        if (block.included) {
          if (walk.bits.Bit() == 0) continue;
        } else {
          if (band.inclusion.Value(x, y, packet.layer, walk.bits) > packet.layer) continue;
          const int missing = band.missing.Value(x, y, planes, walk.bits);
          if (missing >= planes)
            return walk.Damaged("more missing bit-planes than a code-block has");
          block.missing = static_cast<uint8_t>(missing);
          block.included = true;
        }
        Block* kept = nullptr;
        if (wanted != nullptr) {
          const int64_t column = band.grid.x.from + x - wanted->first_column,
                        row = band.grid.y.from + y - wanted->first_row;
          if (column >= 0 && column < wanted->columns && row >= 0 && row < wanted->rows)
            kept = &wanted->blocks[static_cast<size_t>(row * wanted->columns + column)];
        }
        auto read = ReadContribution(walk, coding.block_style, planes, block, kept, body);
        if (!read) return read;
        if (walk.bits.beyond()) return walk.Damaged("the tile ends");
      }
    }
  }
  return {};
}

Result<void> ReadPacket(Walk& walk, const Packet& packet, PrecinctState& state) {
  const size_t first_piece = walk.out.pieces.size();
  const TileData& data = walk.stream.data;
  Source& headers = walk.packed != nullptr ? *walk.packed : walk.source;
  const TileData& header_data = walk.packed != nullptr ? walk.packed_data : data;
  if (walk.packed != nullptr) {
    // The SOP marker stands before the body then.
    std::array<uint8_t, 6> sop{};
    if (walk.coding.sop && walk.at + 6 <= data.bytes) {
      auto got = data.Read(walk.source, walk.at, sop);
      if (!got) return got;
      if (sop[0] == 0xFF && sop[1] == 0x91) walk.at += 6;
    }
  } else {
    // Some writers leave out empty packets at the end; whether that is damage, OpenJPEG says.
    if (walk.at >= data.bytes)
      return Fail(ErrorKind::kUnsupported,
                  "{}: JPEG 2000 part 1 here: a tile without all of its packets",
                  walk.source.name());
    walk.header_at = walk.at;
  }
  auto started = walk.bits.Start(headers, header_data, walk.header_at,
                                 walk.coding.sop && walk.packed == nullptr);
  if (!started) return started;
  int64_t body = 0;
  if (walk.bits.Bit() == 1) {
    auto read = ReadBlocks(walk, packet, state, body);
    if (!read) return read;
  }
  auto end = walk.bits.End(walk.coding.eph);
  if (!end) return end.error();
  walk.header_at = *end;
  const int64_t bodies = walk.packed != nullptr ? walk.at : *end;
  if (body > data.bytes - bodies) return walk.Damaged("the tile ends inside a code-block");
  for (size_t p = first_piece; p < walk.out.pieces.size(); ++p) walk.out.pieces[p].at += bodies;
  walk.at = bodies + body;
  return {};
}

void Prepare(Walk& walk, const Rect& tile) {
  for (const Coding& component : walk.coding.components) {
    auto& grids = walk.grids.emplace_back();
    walk.bands.emplace_back(static_cast<size_t>(component.decompositions) + 1);
    auto& under_way = walk.under_way.emplace_back();
    for (int r = 0; r <= component.decompositions; ++r) {
      grids.push_back(PrecinctsOf(component, tile, r));
      under_way.emplace_back();
    }
  }
  for (Band& b : walk.out.bands)
    walk.bands[static_cast<size_t>(b.component)][static_cast<size_t>(b.resolution)]
              [static_cast<size_t>(b.band)] = &b;
  for (size_t c = 0; c < walk.grids.size(); ++c) {
    auto& needed = walk.needed.emplace_back();
    for (size_t r = 0; r < walk.grids[c].size(); ++r)
      needed.push_back(NeededPrecincts(walk.grids[c][r], walk.bands[c][r], static_cast<int>(r)));
  }
  if (walk.stream.packed) {
    walk.packed = Source::Borrow(walk.stream.headers, walk.source.name());
    walk.packed_data.bytes = static_cast<int64_t>(walk.stream.headers.size());
    walk.packed_data.parts = {{0, walk.packed_data.bytes}};
  }
}

Result<void> WalkAll(Source& source, const TileStream& stream, const TileCoding& coding,
                     const Rect& tile, TileBlocks& blocks, bool by_lengths) {
  Walk walk{.source = source, .stream = stream, .coding = coding, .out = blocks};
  Prepare(walk, tile);
  int64_t left = 0;
  for (const auto& component : walk.needed)
    for (const Rect& needed : component) left += needed.area() * coding.layers;
  if (left == 0) return {};
  size_t number = 0;
  auto visited = VisitPackets(source, coding, tile, [&](const Packet& packet) -> Result<bool> {
    const auto c = static_cast<size_t>(packet.component),
               r = static_cast<size_t>(packet.resolution);
    const bool needed = IsNeeded(walk, packet);
    if (by_lengths && number >= stream.packet_bytes.size())
      return walk.Damaged("PLT has no length");
    const int64_t stated = by_lengths ? stream.packet_bytes[number] : 0;
    ++number;
    if (by_lengths && !needed) {
      walk.at += stated;
      return true;
    }
    PrecinctState* state = &walk.single;
    if (coding.layers > 1) {
      auto& under_way = walk.under_way[c][r];
      if (under_way.empty()) under_way.resize(static_cast<size_t>(walk.grids[c][r].count()));
      auto& own = under_way[packet.precinct];
      if (own == nullptr) {
        own = std::make_unique<PrecinctState>();
        auto opened = Open(walk, packet, *own);
        if (!opened) return opened.error();
        walk.live += own->count;
      }
      state = own.get();
    } else {
      auto opened = Open(walk, packet, *state);
      if (!opened) return opened.error();
    }
    const int64_t before = walk.at;
    auto read = ReadPacket(walk, packet, *state);
    if (!read) return read.error();
    if (by_lengths && walk.at - before != stated) return walk.Damaged("another length than in PLT");
    if (coding.layers > 1 && packet.layer + 1 == coding.layers) {
      walk.live -= state->count;
      walk.under_way[c][r][packet.precinct].reset();
    }
    if (needed) --left;
    return left > 0;
  });
  if (!visited) return visited;
  if (left > 0) return walk.Damaged("the progression leaves out packets");
  return {};
}

}  // namespace

Band PlanBand(const Coding& coding, int component, int resolution, int band, const Rect& all,
              const Rect& needed) {
  Band b{
      .component = component, .resolution = resolution, .band = band, .all = all, .needed = needed};
  b.width_log = BlockWidthLog(coding, resolution);
  b.height_log = BlockHeightLog(coding, resolution);
  if (needed.empty()) return b;
  b.first_column = needed.x.from >> b.width_log, b.first_row = needed.y.from >> b.height_log;
  b.columns = static_cast<int>(((needed.x.to - 1) >> b.width_log) + 1 - b.first_column);
  b.rows = static_cast<int>(((needed.y.to - 1) >> b.height_log) + 1 - b.first_row);
  b.blocks.resize(static_cast<size_t>(b.columns) * static_cast<size_t>(b.rows));
  return b;
}

Result<void> WalkPackets(Source& source, const TileStream& stream, const TileCoding& coding,
                         const Rect& tile, TileBlocks& blocks) {
  if (!stream.packet_bytes.empty() && !stream.packed) {
    if (WalkAll(source, stream, coding, tile, blocks, true)) return {};
    blocks.pieces.clear();
    for (Band& band : blocks.bands) std::fill(band.blocks.begin(), band.blocks.end(), Block{});
  }
  return WalkAll(source, stream, coding, tile, blocks, false);
}

}  // namespace iiifbench::jp2::part1
