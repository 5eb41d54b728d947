#include "kernels/codecs/tiff/jpeg.h"

#include <algorithm>

#include "kernels/codecs/jpeg/huffman/entropy.h"
#include "kernels/codecs/jpeg/huffman/scan.h"
#include "kernels/codecs/jpeg/huffman/stream.h"
#include "kernels/codecs/jpeg/library.h"
#include "kernels/image/aligned_read.h"

namespace iiifbench::tiff {
namespace {

constexpr uint8_t kAdobeYcc[] = {0xFF, 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 1};

// Whether the headers up to the scan say a picture of this shape, and nothing that libtiff reads in
// its own way.
bool Plain(std::span<const uint8_t> stored, Size size, int components) {
  bool frame = false;
  for (size_t at = 2; at + 4 <= stored.size();) {
    if (stored[at] != 0xFF) return false;
    const uint8_t marker = stored[at + 1];
    const size_t length = size_t{stored[at + 2]} << 8 | stored[at + 3];
    if (marker >= 0xE0 && marker <= 0xEF) return false;  // an APPn may change the colours
    if (marker == 0xDA) return frame;
    if (marker == 0xC0 || marker == 0xC1) {
      if (at + 10 > stored.size()) return false;
      const int height = stored[at + 5] << 8 | stored[at + 6],
                width = stored[at + 7] << 8 | stored[at + 8];
      frame = stored[at + 4] == 8 && Size{width, height} == size && stored[at + 9] == components;
    }
    at += 2 + length;
  }
  return false;
}

// Where the segments of abbreviated tables (T.81 B.5) end, before their EOI; 0: there is something
// else in them.
size_t EndOfTables(std::span<const uint8_t> tables) {
  if (tables.size() < 2 || tables[0] != 0xFF || tables[1] != 0xD8) return 0;
  size_t at = 2;
  while (at + 4 <= tables.size()) {
    const uint8_t marker = tables[at + 1];
    if (tables[at] != 0xFF) return 0;
    if (marker == 0xD9) return at;
    if (marker == 0xFF) {
      ++at;
      continue;
    }
    const bool table = marker == 0xDB || marker == 0xC4 || marker == 0xCC || marker == 0xDD ||
                       marker == 0xFE || (marker >= 0xE0 && marker <= 0xEF);
    const size_t length = size_t{tables[at + 2]} << 8 | tables[at + 3];
    if (!table || length < 2 || at + 2 + length > tables.size()) return 0;
    at += 2 + length;
  }
  const bool ends = at == tables.size() ||
                    (at + 2 <= tables.size() && tables[at] == 0xFF && tables[at + 1] == 0xD9);
  return ends ? at : 0;
}

}  // namespace

Result<std::vector<uint8_t>> JpegFront(const File& file) {
  std::vector<uint8_t> front = {0xFF, 0xD8};
  uint32_t count = 0;
  const uint8_t* data = nullptr;
  if (TIFFGetField(file.handle(), TIFFTAG_JPEGTABLES, &count, &data) && data != nullptr) {
    const std::span<const uint8_t> tables(data, count);
    const size_t end = EndOfTables(tables);
    if (end == 0) {
      return Fail(ErrorKind::kBadInput,
                  "own reader: {}: bogus JPEGTables field: its {} bytes are not tables only",
                  file.source().name(), count);
    }
    front.insert(front.end(), tables.begin() + 2, tables.begin() + static_cast<ptrdiff_t>(end));
  }
  front.insert(front.end(), std::begin(kAdobeYcc), std::end(kAdobeYcc));
  return front;
}

Result<void> DecodeJpegUnit(const File& file, std::span<const uint8_t> front, uint64_t offset,
                            uint64_t bytes, Size size, const Region& touched,
                            std::vector<uint8_t>& buffer, PixelView out) {
  const auto refuse = [&] {
    return Fail(ErrorKind::kUnsupported, "the JPEG tile at byte {} is left to libtiff", offset);
  };
  if (bytes < 4) return refuse();
  // The tile's own SOI is overwritten by the last two bytes of what goes before.
  const size_t before = front.size() - 2;
  const auto room = AlignedRead(buffer, static_cast<int64_t>(offset - before), before + bytes);
  const auto stored = room.subspan(before);
  auto read = file.source_.ReadAt(static_cast<int64_t>(offset), stored);
  if (!read) return read;
  if (stored[0] != 0xFF || stored[1] != 0xD8 || !Plain(stored, size, out.channels)) return refuse();
  std::copy(front.begin(), front.end(), room.begin());
  const auto small = Source::Borrow(room, file.source().name());
  static thread_local jpeg::Stream stream;
  std::string reason;
  if (!jpeg::EntropyDecoder::Available() ||
      jpeg::ParseStream(room, stream, reason) != jpeg::ParseOutcome::kOk) {
    auto report = jpeg::Decode(*small, touched, 0, jpeg::Extent::kRegion, {}, out);
    if (!report) return Fail(ErrorKind::kUnsupported, "{}", report.error().message);
    return {};
  }
  const jpeg::Scanner scanner(stream);
  jpeg::EntropyDecoder entropy(stream, scanner,
                               {room.data(), 0, static_cast<int64_t>(room.size())});
  auto report = jpeg::Decode(*small, touched, 0, jpeg::Extent::kRegion, {}, out, &entropy);
  if (!report) return Fail(ErrorKind::kUnsupported, "{}", report.error().message);
  return {};
}

}  // namespace iiifbench::tiff
