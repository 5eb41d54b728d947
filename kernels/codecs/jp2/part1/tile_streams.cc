#include "kernels/codecs/jp2/part1/tile_streams.h"

#include <algorithm>
#include <array>

namespace iiifbench::jp2::part1 {
namespace {

constexpr int64_t kMostPacked = int64_t{64} << 20;

// The bodies in the order of their numbers, which must leave none out.
Result<Bytes> Joined(const Source& source, const std::map<int, Bytes>& bodies) {
  Bytes joined;
  int next = bodies.begin()->first;
  for (const auto& [number, body] : bodies) {
    if (number != next++)
      return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: packed packet headers without number {}",
                  source.name(), next - 1);
    joined.insert(joined.end(), body.begin(), body.end());
  }
  if (static_cast<int64_t>(joined.size()) > kMostPacked)
    return Fail(ErrorKind::kUnsupported, "{}: JPEG 2000 part 1 here: {} bytes of packed headers",
                source.name(), joined.size());
  return joined;
}

// PPM: for each tile-part of the file the length of its headers and these.
Result<std::vector<Bytes>> SplitPpm(const Source& source, const Bytes& joined) {
  std::vector<Bytes> parts;
  for (size_t at = 0; at < joined.size();) {
    if (joined.size() - at < 4)
      return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: PPM ends inside a length", source.name());
    const size_t bytes = size_t{joined[at]} << 24 | size_t{joined[at + 1]} << 16 |
                         size_t{joined[at + 2]} << 8 | joined[at + 3];
    at += 4;
    if (bytes > joined.size() - at)
      return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: PPM ends inside packet headers",
                  source.name());
    const auto first = joined.begin() + static_cast<ptrdiff_t>(at);
    parts.emplace_back(first, first + static_cast<ptrdiff_t>(bytes));
    at += bytes;
  }
  return parts;
}

// Lengths in groups of seven bits, the last of each without the top bit. False: they do not add up
// to the packets of the tile-part.
bool AppendLengths(const std::map<int, Bytes>& bodies, int64_t packets, std::vector<uint32_t>& to) {
  int64_t sum = 0;
  for (const auto& [number, body] : bodies) {
    uint64_t value = 0;
    bool inside = false;
    for (const uint8_t byte : body) {
      value = value << 7 | (byte & 0x7F);
      if (value > UINT32_MAX) return false;
      inside = (byte & 0x80) != 0;
      if (inside) continue;
      sum += static_cast<int64_t>(value);
      to.push_back(static_cast<uint32_t>(value));
      value = 0;
    }
    if (inside) return false;
  }
  return sum == packets;
}

}  // namespace

Result<std::map<int64_t, TileStream>> ReadTileStreams(Source& source, const Header& header,
                                                      const Markers& main,
                                                      const std::vector<Extent>& extents) {
  std::map<int64_t, TileStream> tiles;
  std::map<int64_t, bool> lengths;
  std::vector<Bytes> ppm;
  if (!main.packed_headers.empty()) {
    auto joined = Joined(source, main.packed_headers);
    if (!joined) return joined.error();
    auto split = SplitPpm(source, *joined);
    if (!split) return split.error();
    ppm = std::move(*split);
  }
  size_t part = 0;  // of the file; only counted with PPM, where all of them are in the extents
  std::array<uint8_t, 12> sot{};
  for (const Extent& extent : extents) {
    const int64_t extent_end = extent.offset + extent.bytes;
    for (int64_t at = std::max(extent.offset, header.first_tile_part); at + 12 <= extent_end;) {
      auto got = source.ReadAt(at, sot);
      if (!got) return got.error();
      int64_t length = int64_t{sot[6]} << 24 | sot[7] << 16 | sot[8] << 8 | sot[9];
      if (length == 0) length = extent_end - at;
      if (length < 14 || length > extent_end - at)
        return Fail(ErrorKind::kBadInput,
                    "{}: JPEG 2000: tile-part of impossible length at byte {}", source.name(), at);
      const int64_t number = sot[4] << 8 | sot[5];
      TileStream& tile = tiles[number];
      if (sot[10] != tile.data.parts.size())
        return Fail(ErrorKind::kUnsupported, "{}: JPEG 2000 part 1 here: tile-parts out of order",
                    source.name());
      if (!tile.data.parts.empty() && !tile.markers.packet_lengths.empty())
        tile.markers.packet_lengths.clear();
      auto begin = ReadMarkers(source, header, at + 12, at + length, true, tile.markers);
      if (!begin) return begin.error();
      tile.data.parts.push_back({*begin, at + length - *begin});
      tile.data.bytes += tile.data.parts.back().bytes;
      auto [exact, first] = lengths.emplace(number, true);
      exact->second =
          exact->second && AppendLengths(tile.markers.packet_lengths, tile.data.parts.back().bytes,
                                         tile.packet_bytes);
      // Numbers of PPT count within a header, or go on through the tile: both come in order so.
      if (!tile.markers.packed_headers.empty()) {
        if (!ppm.empty())
          return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: both PPM and PPT", source.name());
        auto joined = Joined(source, tile.markers.packed_headers);
        if (!joined) return joined.error();
        tile.packed = true;
        tile.headers.insert(tile.headers.end(), joined->begin(), joined->end());
        tile.markers.packed_headers.clear();
      }
      if (!ppm.empty()) {
        if (part >= ppm.size())
          return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: PPM has no headers for tile-part {}",
                      source.name(), part);
        tile.packed = true;
        tile.headers.insert(tile.headers.end(), ppm[part].begin(), ppm[part].end());
      }
      ++part;
      at += length;
    }
  }
  for (auto& [number, tile] : tiles) {
    if (!lengths[number]) tile.packet_bytes.clear();
  }
  return tiles;
}

}  // namespace iiifbench::jp2::part1
