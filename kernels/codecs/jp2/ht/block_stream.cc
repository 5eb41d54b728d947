#include "kernels/codecs/jp2/ht/block_stream.h"

#include <algorithm>
#include <bit>

#include "kernels/codecs/jp2/packets/packet_bits.h"

namespace iiifbench::jp2 {
namespace {

constexpr int64_t kLargestPrecinct = 32768;

void Put(std::vector<uint8_t>& out, int64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

// A block whose cleanup pass has no bytes is zero, whatever follows.
bool Coded(const Block& block) { return block.passes > 0 && block.cleanup_bytes > 0; }
int Passes(const Block& block) { return block.refinement_bytes == 0 ? 1 : block.passes; }

void PutMainHeader(std::vector<uint8_t>& out, const Coding& coding, const Rect& picture,
                   int width_log, int height_log, int planes) {
  Put(out, 0xFF4F, 2);                   // SOC
  Put(out, 0xFF51, 2), Put(out, 41, 2);  // SIZ
  Put(out, 0x4000, 2);                   // part 15
  Put(out, picture.x.to, 4), Put(out, picture.y.to, 4), Put(out, picture.x.from, 4),
      Put(out, picture.y.from, 4);
  Put(out, picture.x.to, 4), Put(out, picture.y.to, 4),
      Put(out, 0, 8);  // one tile, from the origin
  Put(out, 1, 2), Put(out, 0x80 | 15, 1), Put(out, 1, 1), Put(out, 1, 1);
  Put(out, 0xFF50, 2), Put(out, 8, 2), Put(out, 0x00020000, 4), Put(out, 0, 2);  // CAP: part 15
  const auto precinct = [](int64_t size, int block) {
    return std::max(block, static_cast<int>(std::bit_width(static_cast<uint64_t>(size - 1))));
  };
  Put(out, 0xFF52, 2), Put(out, 13, 2), Put(out, 1, 1);  // COD with precincts
  Put(out, 0, 1), Put(out, 1, 2), Put(out, 0, 1);  // LRCP, one layer, no colour transformation
  Put(out, 0, 1), Put(out, width_log - 2, 1), Put(out, height_log - 2, 1),
      Put(out, coding.block_style, 1);
  Put(out, 1, 1);  // reversible
  Put(out, precinct(picture.y.to, height_log) << 4 | precinct(picture.x.to, width_log), 1);
  Put(out, 0xFF5C, 2), Put(out, 4, 2), Put(out, 1 << 5, 1),
      Put(out, planes << 3, 1);  // QCD: one guard bit
}

void PutBlockHeader(const Block& block, HeaderWriter& bits) {
  const int passes = Passes(block);
  if (passes == 1) bits.Bits(0, 1);
  if (passes == 2) bits.Bits(2, 2);
  if (passes == 3) bits.Bits(12, 4);
  const int extra = passes > 2 ? 1 : 0;
  const int cleanup = static_cast<int>(std::bit_width(block.cleanup_bytes));
  const int refinement = passes > 1 ? static_cast<int>(std::bit_width(block.refinement_bytes)) : 0;
  const int length_bits = std::max({3, cleanup, refinement - extra});
  for (int i = 3; i < length_bits; ++i) bits.Bit(1);
  bits.Bit(0);
  bits.Bits(block.cleanup_bytes, length_bits);
  if (passes > 1) bits.Bits(block.refinement_bytes, length_bits + extra);
}

}  // namespace

Result<BlockStream> WriteBlockStream(const Source& source, const Coding& coding,
                                     const BandBlocks& band, int first_row, int rows, int planes) {
  const int w = band.width_log, h = band.height_log;
  const int64_t left = band.first_column << w, top = (band.first_row + first_row) << h;
  BlockStream stream;
  stream.rect = Intersect(
      band.all, {{left, left + (int64_t{band.columns} << w)}, {top, top + (int64_t{rows} << h)}});
  // Moved by whole blocks, so that the grid of blocks stays.
  const Rect picture = {{stream.rect.x.from - left, stream.rect.x.to - left},
                        {stream.rect.y.from - top, stream.rect.y.to - top}};
  if (picture.x.to > kLargestPrecinct || picture.y.to > kLargestPrecinct || w < 2 || h < 2)
    return Fail(ErrorKind::kUnsupported,
                "{}: HTJ2K regions: {}x{} samples of a band in blocks of {}x{}", source.name(),
                picture.x.to, picture.y.to, 1 << w, 1 << h);
  const auto block_at = [&](int64_t x, int64_t y) -> const Block& {
    return band.blocks[static_cast<size_t>((first_row + y) * band.columns + x)];
  };
  TagTree inclusion, missing;
  inclusion.Reset(band.columns, rows), missing.Reset(band.columns, rows);
  int64_t body = 0;
  for (int64_t y = 0; y < rows; ++y) {
    for (int64_t x = 0; x < band.columns; ++x) {
      const Block& block = block_at(x, y);
      const bool coded = Coded(block);
      inclusion.Set(x, y, coded ? 0 : 1), missing.Set(x, y, coded ? block.missing : 255);
      if (!coded) continue;
      const int64_t bytes =
          int64_t{block.cleanup_bytes} + (Passes(block) > 1 ? block.refinement_bytes : 0);
      stream.bodies.push_back({.start = body, .at = block.at, .bytes = bytes});
      body += bytes;
    }
  }
  if (stream.bodies.empty()) return stream;
  if (body > INT32_MAX / 2)
    return Fail(ErrorKind::kUnsupported, "{}: HTJ2K regions: {} bytes of code-blocks",
                source.name(), body);
  inclusion.Settle(), missing.Settle();
  std::vector<uint8_t> header;
  HeaderWriter bits(header);
  bits.Bit(1);
  for (int64_t y = 0; y < rows; ++y) {
    for (int64_t x = 0; x < band.columns; ++x) {
      const Block& block = block_at(x, y);
      inclusion.Write(x, y, 0, bits);
      if (!Coded(block)) continue;
      missing.Write(x, y, block.missing, bits);
      PutBlockHeader(block, bits);
    }
  }
  bits.End();
  PutMainHeader(stream.front, coding, picture, w, h, planes);
  Put(stream.front, 0xFF90, 2), Put(stream.front, 10, 2), Put(stream.front, 0, 2);  // SOT
  Put(stream.front, 14 + static_cast<int64_t>(header.size()) + body, 4);
  Put(stream.front, 0, 1), Put(stream.front, 1, 1);
  Put(stream.front, 0xFF93, 2);  // SOD
  stream.front.insert(stream.front.end(), header.begin(), header.end());
  const auto first = static_cast<int64_t>(stream.front.size());
  for (BlockStream::Body& b : stream.bodies) b.start += first;
  stream.length = first + body + 2;
  return stream;
}

}  // namespace iiifbench::jp2
