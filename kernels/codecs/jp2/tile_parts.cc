#include "kernels/codecs/jp2/tile_parts.h"

#include <algorithm>
#include <array>
#include <optional>

namespace iiifbench::jp2 {
namespace {

constexpr int kSot = 0xFF90, kSod = 0xFF93, kTileCod = 0xFF52, kTileCoc = 0xFF53, kPpt = 0xFF61;
constexpr int kMostPartsOfATile = 255;  // T.800 A.4.2: TPsot is 0 to 254
// Of one resolution of one component: far beyond any memory, and sums of it stay inside 64 bits.
constexpr int64_t kMostCounted = int64_t{1} << 24;

int HalfAt(const uint8_t* p) { return p[0] << 8 | p[1]; }
int64_t WordAt(const uint8_t* p) { return int64_t{HalfAt(p)} << 16 | HalfAt(p + 2); }
int64_t CeilDiv(int64_t value, int64_t by) { return (value + by - 1) / by; }

Error WrongPart(const Source& source, int64_t at, std::string_view what) {
  return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: {} at byte {}", source.name(), what, at);
}

// Code-blocks and precincts of a tile's component (T.800 B.5 to B.7), rounded up.
void AddDemands(const BlockCoding& coding, int64_t width, int64_t height, int layers,
                TileDemands& tile) {
  for (int r = 0; r <= coding.decompositions; ++r) {
    const int shift = coding.decompositions - r;
    const int64_t w = CeilDiv(width, int64_t{1} << shift), h = CeilDiv(height, int64_t{1} << shift);
    const int pw = coding.precinct_width_log[static_cast<size_t>(r)],
              ph = coding.precinct_height_log[static_cast<size_t>(r)];
    const int64_t precincts = std::min(((w >> pw) + 1) * ((h >> ph) + 1), kMostCounted);
    const int lower = r == 0 ? 0 : 1;
    const int bw = std::min(coding.block_width_log, std::max(0, pw - lower)),
              bh = std::min(coding.block_height_log, std::max(0, ph - lower));
    const int64_t blocks =
        std::min((((w >> lower) >> bw) + 1) * (((h >> lower) >> bh) + 1), kMostCounted);
    tile.blocks += blocks * (r == 0 ? 1 : 3);
    tile.precincts += precincts;
    tile.packets += precincts * layers;
  }
}

// What tile `number` asks of a decoder with this coding.
TileDemands DemandsOf(const Header& header, int64_t number, const CodingStyle& style) {
  const int64_t column = number % header.tiles_across(), row = number / header.tiles_across();
  const int64_t x0 = std::max(header.x0, header.tile_x0 + column * header.tile_width),
                y0 = std::max(header.y0, header.tile_y0 + row * header.tile_height);
  const int64_t x1 = std::min(header.x1, header.tile_x0 + (column + 1) * header.tile_width),
                y1 = std::min(header.y1, header.tile_y0 + (row + 1) * header.tile_height);
  TileDemands tile{.fewest_decompositions = 32};
  // All alike is the rule, and there may be 16384.
  const bool alike = style.own.empty() && !header.subsampled;
  for (int c = 0; c < (alike ? 1 : header.components); ++c) {
    const Component& component = header.component[static_cast<size_t>(c)];
    const BlockCoding& coding = style.Of(c);
    tile.fewest_decompositions = std::min(tile.fewest_decompositions, coding.decompositions);
    AddDemands(coding, CeilDiv(x1 - x0, component.dx), CeilDiv(y1 - y0, component.dy), style.layers,
               tile);
  }
  if (alike) {
    tile.blocks *= header.components, tile.precincts *= header.components;
    tile.packets *= header.components;
  }
  return tile;
}

// The header of a tile-part in [at, end): its coding style into `style`. Returns where its packets
// begin.
Result<int64_t> ReadPartHeader(Source& source, const Header& header, int64_t at, int64_t end,
                               std::optional<CodingStyle>& style, bool& packed_headers) {
  std::array<uint8_t, 4> head{};
  std::vector<uint8_t> body;
  bool coc = false;
  for (int64_t marker_at = at + 12; marker_at + 2 <= end;) {
    auto got = source.ReadSome(marker_at, head);
    if (!got) return got.error();
    const int marker = HalfAt(head.data());
    if (marker == kSod) return marker_at + 2;
    if (StandsAlone(marker)) {
      marker_at += 2;
      continue;
    }
    const int length = HalfAt(head.data() + 2);
    if (marker < 0xFF01 || length < 2 || marker_at + 2 + length > end)
      return WrongPart(source, marker_at,
                       fmt::format("marker {:04X} of length {}", marker, length));
    packed_headers = packed_headers || marker == kPpt;
    if (marker == kTileCod || marker == kTileCoc) {
      body.resize(static_cast<size_t>(length) - 2);
      auto whole = source.ReadAt(marker_at + 4, body);
      if (!whole) return whole.error();
      // Tile COC before tile COD before main COC before main COD (A.6.2).
      if (!style) style = header.style;
      if (marker == kTileCod && !coc) style->own.clear();
      auto read = marker == kTileCod
                      ? ReadCodMarker(source, marker_at, body, *style)
                      : ReadCocMarker(source, marker_at, body, header.components, *style);
      if (!read) return read.error();
      coc = coc || marker == kTileCoc;
    }
    marker_at += 2 + length;
  }
  return WrongPart(source, at, "no SOD marker in the tile-part");
}

}  // namespace

Result<std::vector<Extent>> TouchedExtents(Source& source, const Header& header,
                                           int64_t first_column, int64_t last_column,
                                           int64_t first_row, int64_t last_row,
                                           TileDemands* demands) {
  const int64_t across = header.tiles_across(), end = header.codestream_end;
  std::vector<Extent> extents = header.main_header;
  std::vector<uint16_t> parts(static_cast<size_t>(across * header.tiles_down()));
  int64_t missing = (last_column - first_column + 1) * (last_row - first_row + 1);
  TileDemands worst{.fewest_decompositions = header.decompositions,
                    .packed_headers = header.packed_headers};
  std::array<uint8_t, 12> sot{};
  for (int64_t at = header.first_tile_part; at + 12 <= end;) {
    auto got = source.ReadAt(at, sot);
    if (!got) return got.error();
    if (HalfAt(sot.data()) != kSot) break;
    if (HalfAt(sot.data() + 2) != 10) return WrongPart(source, at, "SOT marker of wrong length");
    const int64_t tile = HalfAt(sot.data() + 4);
    int64_t length = WordAt(sot.data() + 6);
    if (tile >= static_cast<int64_t>(parts.size()))
      return WrongPart(source, at, fmt::format("tile-part of tile {} of {}", tile, parts.size()));
    const bool to_the_end = length == 0;
    if (to_the_end) length = end - at;
    if (length < 14) return WrongPart(source, at, "tile-part of impossible length");
    const int64_t column = tile % across, row = tile / across;
    const bool touched =
        column >= first_column && column <= last_column && row >= first_row && row <= last_row;
    uint16_t& count = parts[static_cast<size_t>(tile)];
    if (++count > kMostPartsOfATile)
      return WrongPart(source, at,
                       fmt::format("tile {} has more than {} parts", tile, kMostPartsOfATile));
    if (touched || header.packed_headers) {
      if (at + length > end)
        return WrongPart(
            source, at,
            fmt::format("tile {} needs {} bytes, the file ends after {}", tile, length, end - at));
      if (touched && count == 1) --missing;
      if (extents.back().offset + extents.back().bytes == at) {
        extents.back().bytes += length;
      } else {
        extents.push_back({at, length});
      }
    }
    if (demands != nullptr && (touched || demands->of_all_tiles)) {
      std::optional<CodingStyle> own;
      auto packets =
          ReadPartHeader(source, header, at, std::min(at + length, end), own, worst.packed_headers);
      if (!packets && touched) return packets.error();
      if (packets && (count == 1 || own)) {
        const TileDemands here = DemandsOf(header, tile, own ? *own : header.style);
        worst.fewest_decompositions =
            std::min(worst.fewest_decompositions, here.fewest_decompositions);
        if (touched) {
          worst.blocks = std::max(worst.blocks, here.blocks);
          worst.precincts = std::max(worst.precincts, here.precincts);
          worst.packets = std::max(worst.packets, here.packets);
        }
      }
    }
    if (to_the_end) break;
    at += length;
  }
  if (missing > 0)
    return WrongPart(source, end,
                     fmt::format("{} of the needed tiles are missing before the end", missing));
  if (demands != nullptr) {
    worst.of_all_tiles = demands->of_all_tiles;
    *demands = worst;
  }
  return extents;
}

}  // namespace iiifbench::jp2
