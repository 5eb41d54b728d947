#include "harness/archive/jp2_markers.h"

#include <array>

namespace iiifbench {
namespace {

constexpr uint32_t kSoc = 0xFF4F, kSot = 0xFF90, kSod = 0xFF93, kCod = 0xFF52, kTlm = 0xFF55,
                   kPlt = 0xFF58, kCodestreamBox = 0x6A703263;
constexpr int kMostMarkers = 100'000;

Result<uint64_t> Take(Source& source, int64_t offset, int bytes) {
  std::array<uint8_t, 8> raw{};
  auto read = source.ReadAt(offset, std::span(raw).first(static_cast<size_t>(bytes)));
  if (!read) return read.error();
  uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) value = value << 8 | raw[static_cast<size_t>(i)];
  return value;
}

Result<int64_t> FindCodestream(Source& source) {
  auto first = Take(source, 0, 2);
  if (!first) return first.error();
  if (*first == kSoc) return int64_t{0};
  int64_t at = 0;
  for (int boxes = 0; boxes < kMostMarkers && at + 8 <= source.size(); ++boxes) {
    auto head = Take(source, at, 8);
    if (!head) return head.error();
    auto size = static_cast<int64_t>(*head >> 32);
    int64_t header = 8;
    if (size == 1) {
      auto large = Take(source, at + 8, 8);
      if (!large) return large.error();
      size = static_cast<int64_t>(*large & ~(uint64_t{1} << 63)), header = 16;
    }
    if ((*head & 0xFFFFFFFF) == kCodestreamBox) return at + header;
    if (size < header || size > source.size()) break;
    at += size;
  }
  return Fail(ErrorKind::kBadInput, "{}: no codestream box before offset {}", source.name(), at);
}

// SPcod: progression, layers, transform, decompositions, code-blocks ..., then a byte a level.
Result<void> TakePrecincts(Source& source, int64_t cod, Jp2Markers& out) {
  auto style = Take(source, cod + 4, 1);
  if (!style) return style.error();
  out.precincts = "none";
  if ((*style & 1) == 0) return {};
  auto decompositions = Take(source, cod + 9, 1);
  if (!decompositions) return decompositions.error();
  auto finest = Take(source, cod + 14 + static_cast<int64_t>(*decompositions), 1);
  if (!finest) return finest.error();
  out.precincts = fmt::format("{}x{}", 1 << (*finest & 15), 1 << (*finest >> 4));
  return {};
}

}  // namespace

Result<Jp2Markers> ReadJp2Markers(Source& source) {
  auto start = FindCodestream(source);
  if (!start) return start.error();
  Jp2Markers out;
  int64_t at = *start + 2;
  for (int markers = 0; markers < kMostMarkers; ++markers) {
    auto marker = Take(source, at, 4);
    if (!marker) return marker.error();
    const auto code = static_cast<uint32_t>(*marker >> 16);
    const auto length = static_cast<int64_t>(*marker & 0xFFFF);
    if (code == kSod) return out;
    if (code < 0xFF00 || length < 2)
      return Fail(ErrorKind::kBadInput, "{}: no marker at offset {}", source.name(), at);
    if (code == kCod && out.precincts.empty()) {
      auto taken = TakePrecincts(source, at, out);
      if (!taken) return taken.error();
    }
    out.tlm |= code == kTlm;
    out.plt |= code == kPlt;
    at += 2 + length;
  }
  return Fail(ErrorKind::kBadInput, "{}: {} markers and no data", source.name(), kMostMarkers);
}

}  // namespace iiifbench
