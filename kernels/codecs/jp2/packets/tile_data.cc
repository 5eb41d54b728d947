#include "kernels/codecs/jp2/packets/tile_data.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace iiifbench::jp2 {
namespace {

constexpr uint16_t kSod = 0xFF93, kPlt = 0xFF58, kComment = 0xFF64;

// Where the packets of the tile-part at `at` begin.
Result<int64_t> BehindSod(Source& source, int64_t at, int64_t end) {
  std::array<uint8_t, 4> head{};
  for (int64_t marker_at = at + 12; marker_at + 2 <= end;) {
    auto got = source.ReadSome(marker_at, head);
    if (!got) return got.error();
    const auto marker = static_cast<uint16_t>(head[0] << 8 | head[1]);
    if (marker == kSod) return marker_at + 2;
    if (StandsAlone(marker)) {
      marker_at += 2;
      continue;
    }
    if (marker != kPlt && marker != kComment)
      return Fail(ErrorKind::kUnsupported, "{}: HTJ2K regions: marker {:04X} in a tile-part",
                  source.name(), marker);
    const int length = head[2] << 8 | head[3];
    if (length < 2) break;
    marker_at += 2 + length;
  }
  return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: no SOD marker in the tile-part at byte {}",
              source.name(), at);
}

}  // namespace

Result<void> TileData::Read(Source& source, int64_t at, std::span<uint8_t> to) const {
  for (const Extent& part : parts) {
    if (to.empty()) break;
    if (at < part.bytes) {
      const auto count = std::min(static_cast<size_t>(part.bytes - at), to.size());
      auto got = source.ReadAt(part.offset + at, to.first(count));
      if (!got) return got;
      to = to.subspan(count);
      at = 0;
    } else {
      at -= part.bytes;
    }
  }
  if (!to.empty())
    return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: {} bytes are missing behind a tile",
                source.name(), to.size());
  return {};
}

Result<void> TileData::ReadBody(Source& source, int64_t at, std::span<uint8_t> to) const {
  auto got = Read(source, at, to);
  if (!got) return got;
  const auto* end = to.data() + to.size();
  for (const uint8_t* p = to.data(); end - p > 1; ++p) {
    p = static_cast<const uint8_t*>(std::memchr(p, 0xFF, static_cast<size_t>(end - p - 1)));
    if (p == nullptr) break;
    if (p[1] > 0x8F)
      return Fail(ErrorKind::kBadInput,
                  "{}: JPEG 2000: marker FF{:02X} in the code-block {} bytes into its tile",
                  source.name(), p[1], at);
  }
  return {};
}

Result<std::map<int64_t, TileData>> FindTileData(Source& source, const Header& header,
                                                 const std::vector<Extent>& extents) {
  std::map<int64_t, TileData> tiles;
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
      TileData& tile = tiles[sot[4] << 8 | sot[5]];
      if (sot[10] != tile.parts.size())
        return Fail(ErrorKind::kUnsupported, "{}: HTJ2K regions: tile-parts out of order",
                    source.name());
      auto begin = BehindSod(source, at, at + length);
      if (!begin) return begin.error();
      tile.parts.push_back({*begin, at + length - *begin});
      tile.bytes += tile.parts.back().bytes;
      at += length;
    }
  }
  return tiles;
}

}  // namespace iiifbench::jp2
