#include "kernels/codecs/jp2/packets/body_markers.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace iiifbench::jp2 {
namespace {

constexpr uint16_t kSodMarker = 0xFF93;
constexpr size_t kAtOnce = size_t{256} << 10;
constexpr size_t kOverlap = 5;  // a marker, and SOP's length

// Where the packets of the tile-part at `at` begin; `end` where there are none.
Result<int64_t> PacketsBehind(Source& source, int64_t at, int64_t end) {
  std::array<uint8_t, 4> head{};
  for (at += 12; at + 2 <= end;) {
    auto got = source.ReadSome(at, head);
    if (!got) return got.error();
    const auto marker = static_cast<uint16_t>(head[0] << 8 | head[1]);
    if (marker == kSodMarker) return at + 2;
    const int length = head[2] << 8 | head[3];
    if (!StandsAlone(marker) && length < 2) break;
    at += 2 + (StandsAlone(marker) ? 0 : length);
  }
  return end;
}

Result<void> CheckRun(Source& source, int64_t from, int64_t to, bool strictly,
                      std::vector<uint8_t>& block) {
  for (int64_t at = from; at + 1 < to; at += static_cast<int64_t>(kAtOnce)) {
    block.resize(
        static_cast<size_t>(std::min<int64_t>(to - at, static_cast<int64_t>(kAtOnce + kOverlap))));
    auto got = source.ReadAt(at, block);
    if (!got) return got;
    const uint8_t *p = block.data(), *end = p + block.size();
    const uint8_t* last = p + std::min(block.size() - 1, kAtOnce);  // the rest comes again
    for (; p < last; ++p) {
      p = static_cast<const uint8_t*>(std::memchr(p, 0xFF, static_cast<size_t>(last - p)));
      if (p == nullptr) break;
      if (p[1] <= 0x8F) continue;
      const bool sop = p[1] == 0x91 && end - p >= 4 && p[2] == 0 && p[3] == 4;
      const int64_t byte = at + (p - block.data());
      if (!sop && p[1] != 0x92)
        return Fail(ErrorKind::kBadInput,
                    "{}: JPEG 2000: marker FF{:02X} inside the packets, at byte {}", source.name(),
                    p[1], byte);
      if (strictly)
        return Fail(
            ErrorKind::kUnsupported,
            "{}: JPEG 2000: SOP or EPH at byte {} where OpenJPEG would have to decode HTJ2K",
            source.name(), byte);
    }
  }
  return {};
}

}  // namespace

Result<void> CheckPacketsForMarkers(Source& source, const Header& header,
                                    std::span<const Extent> extents, bool strictly) {
  std::vector<uint8_t> block;
  std::array<uint8_t, 12> sot{};
  for (const Extent& extent : extents) {
    const int64_t end = extent.offset + extent.bytes;
    for (int64_t at = std::max(extent.offset, header.first_tile_part); at + 12 <= end;) {
      auto got = source.ReadAt(at, sot);
      if (!got) return got;
      int64_t length = int64_t{sot[6]} << 24 | sot[7] << 16 | sot[8] << 8 | sot[9];
      if (length == 0) length = end - at;
      if (length < 14 || length > end - at) break;  // TouchedExtents has said what is wrong
      auto packets = PacketsBehind(source, at, at + length);
      if (!packets) return packets.error();
      auto run = CheckRun(source, *packets, at + length, strictly, block);
      if (!run) return run;
      at += length;
    }
  }
  return {};
}

}  // namespace iiifbench::jp2
