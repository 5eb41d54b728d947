#include "kernels/codecs/tiff/decode.h"

#include <algorithm>
#include <cstring>

#include "kernels/codecs/tiff/jpeg.h"
#include "kernels/codecs/tiff/tile.h"
#include "kernels/image/aligned_read.h"
#include "kernels/image/parallel.h"
#include "kernels/pixels/undo_predictor.h"

namespace iiifbench::tiff {
namespace {

// One tile or strip that the wanted rectangle touches.
struct Unit {
  uint32_t index = 0;
  Region area;     // of the unit, in level pixels, clipped to the level
  Region touched;  // area and wanted
  uint64_t offset = 0;
  uint64_t bytes = 0;  // as stored
};

std::vector<Unit> TouchedUnits(const Level& level, const Region& wanted) {
  std::vector<Unit> units;
  const int last_row = (wanted.bottom() - 1) / level.tile_height;
  const int last_column = (wanted.right() - 1) / level.tile_width;
  for (int row = wanted.y / level.tile_height; row <= last_row; ++row) {
    for (int column = wanted.x / level.tile_width; column <= last_column; ++column) {
      Unit unit;
      unit.index = static_cast<uint32_t>(row) * static_cast<uint32_t>(level.across()) +
                   static_cast<uint32_t>(column);
      unit.area = {column * level.tile_width, row * level.tile_height, 0, 0};
      unit.area.width = std::min(level.tile_width, level.size.width - unit.area.x);
      unit.area.height = std::min(level.tile_height, level.size.height - unit.area.y);
      const int left = std::max(unit.area.x, wanted.x), top = std::max(unit.area.y, wanted.y);
      unit.touched = {left, top, std::min(unit.area.right(), wanted.right()) - left,
                      std::min(unit.area.bottom(), wanted.bottom()) - top};
      units.push_back(unit);
    }
  }
  return units;
}

// 256 RGB entries of a palette file.
struct Palette {
  uint8_t rgb[256][3];
};

Result<Palette> ReadPalette(const File& file) {
  uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
  if (!TIFFGetField(file.handle(), TIFFTAG_COLORMAP, &red, &green, &blue))
    return file.Failure("read the colour map");
  // Some writers store 8-bit values in the 16-bit map.
  uint16_t top = 0;
  for (int i = 0; i < 256; ++i) top = std::max({top, red[i], green[i], blue[i]});
  const int shift = top > 255 ? 8 : 0;
  Palette palette{};
  for (int i = 0; i < 256; ++i) {
    palette.rgb[i][0] = static_cast<uint8_t>(red[i] >> shift);
    palette.rgb[i][1] = static_cast<uint8_t>(green[i] >> shift);
    palette.rgb[i][2] = static_cast<uint8_t>(blue[i] >> shift);
  }
  return palette;
}

// Converts `count` pixels that start at pixel `first` of a decoded row. `plane` < 0: all samples
// interleaved.
void ConvertRow(const Level& level, const Palette& palette, const uint8_t* row, int first,
                int count, int plane, uint8_t* to) {
  const bool white = level.photometric == PHOTOMETRIC_MINISWHITE;
  const int invert = white ? 255 : 0;
  if (level.bits == 1) {
    for (int i = 0; i < count; ++i) {
      const int bit = row[(first + i) >> 3] >> (7 - ((first + i) & 7)) & 1;
      to[i] = static_cast<uint8_t>((bit ? 255 : 0) ^ invert);
    }
    return;
  }
  if (level.photometric == PHOTOMETRIC_PALETTE) {
    for (int i = 0; i < count; ++i)
      std::memcpy(to + ptrdiff_t{3} * i, palette.rgb[row[first + i]], 3);
    return;
  }
  const int samples = plane < 0 ? level.samples : 1;  // in a decoded row
  const int step = plane < 0 ? 1 : level.samples;     // in the output
  if (level.bits == 16) {
    const auto* wide = reinterpret_cast<const uint16_t*>(row) + ptrdiff_t{first} * samples;
    for (int i = 0; i < count * samples; ++i) {
      to[i * step] = static_cast<uint8_t>(((uint32_t{wide[i]} * 255 + 32767) / 65535) ^
                                          static_cast<uint32_t>(invert));
    }
    return;
  }
  const uint8_t* from = row + ptrdiff_t{first} * samples;
  if (step == 1 && !white) {
    std::memcpy(to, from, static_cast<size_t>(count) * static_cast<size_t>(samples));
    return;
  }
  for (int i = 0; i < count * samples; ++i) to[i * step] = static_cast<uint8_t>(from[i] ^ invert);
}

// Through libtiff, unit by unit.
Result<void> ByLibrary(File& file, const Level& level, const std::vector<Unit>& units,
                       const Region& wanted, const Palette& palette, PixelView out) {
  const tmsize_t unit_bytes =
      level.tiled ? TIFFTileSize(file.handle()) : TIFFStripSize(file.handle());
  const tmsize_t row_bytes =
      level.tiled ? TIFFTileRowSize(file.handle()) : TIFFScanlineSize(file.handle());
  if (unit_bytes <= 0 || row_bytes <= 0) return file.Failure("size of a tile or strip");
  static thread_local std::vector<uint8_t> buffer;
  if (buffer.size() < static_cast<size_t>(unit_bytes))
    buffer.resize(static_cast<size_t>(unit_bytes));
  const int planes = level.planar == PLANARCONFIG_SEPARATE ? level.samples : 1;
  const auto per_plane =
      static_cast<uint32_t>(level.across()) * static_cast<uint32_t>(level.down());
  for (const Unit& unit : units) {
    for (int plane = 0; plane < planes; ++plane) {
      const uint32_t index = unit.index + static_cast<uint32_t>(plane) * per_plane;
      const tmsize_t got =
          level.tiled ? TIFFReadEncodedTile(file.handle(), index, buffer.data(), unit_bytes)
                      : TIFFReadEncodedStrip(file.handle(), index, buffer.data(), unit_bytes);
      const int last_row = unit.touched.bottom() - unit.area.y;
      if (got < row_bytes * last_row) {
        return file.Failure(
            fmt::format("{} {} (got {} bytes)", level.tiled ? "tile" : "strip", index, got));
      }
      for (int y = 0; y < unit.touched.height; ++y) {
        const uint8_t* row = buffer.data() + row_bytes * (unit.touched.y + y - unit.area.y);
        uint8_t* to = out.row(unit.touched.y + y - wanted.y) +
                      ptrdiff_t{unit.touched.x - wanted.x} * out.channels + plane;
        ConvertRow(level, palette, row, unit.touched.x - unit.area.x, unit.touched.width,
                   planes > 1 ? plane : -1, to);
      }
    }
  }
  return {};
}

// Why the own path does not apply; empty when it does.
std::string OwnPathRefuses(const Level& level) {
  const bool jpeg = level.compression == COMPRESSION_JPEG;
  if (jpeg && level.bits == 8 && level.planar == PLANARCONFIG_CONTIG &&
      (level.photometric == PHOTOMETRIC_YCBCR || level.photometric == PHOTOMETRIC_MINISBLACK))
    return {};
  if (jpeg)
    return fmt::format("JPEG tiles with photometric {} go through libtiff", level.photometric);
  if (!DecodesItself(level.compression))
    return fmt::format("compression {} is decoded by libtiff", level.compression);
  if (level.bits != 8 ||
      (level.photometric != PHOTOMETRIC_RGB && level.photometric != PHOTOMETRIC_MINISBLACK)) {
    return fmt::format("{} bits with photometric {} go through libtiff", level.bits,
                       level.photometric);
  }
  if (level.planar != PLANARCONFIG_CONTIG && level.samples > 1)
    return "planes apart go through libtiff";
  if (level.predictor > 2) return fmt::format("predictor {} goes through libtiff", level.predictor);
  if (level.fill_order != FILLORDER_MSB2LSB) return "reversed bit order goes through libtiff";
  return {};
}

Result<void> OwnUnit(const File& file, const Level& level, const Unit& unit, const Region& wanted,
                     std::span<const uint8_t> jpeg_front, PixelView out) {
  static thread_local TileScratch scratch;
  if (level.compression == COMPRESSION_JPEG) {
    const Region inside = {unit.touched.x - unit.area.x, unit.touched.y - unit.area.y,
                           unit.touched.width, unit.touched.height};
    const Size stored = {level.tile_width, level.tiled ? level.tile_height : unit.area.height};
    return DecodeJpegUnit(file, jpeg_front, unit.offset, unit.bytes, stored, inside, scratch.room,
                          out.crop({unit.touched.x - wanted.x, unit.touched.y - wanted.y,
                                    inside.width, inside.height}));
  }
  const int channels = level.samples;
  const size_t row_bytes = static_cast<size_t>(level.tile_width) * static_cast<size_t>(channels);
  const int rows = level.tiled ? level.tile_height : unit.area.height;
  const int first_row = unit.touched.y - unit.area.y;
  const size_t wanted_bytes = row_bytes * static_cast<size_t>(first_row + unit.touched.height);
  const int left = unit.touched.x - unit.area.x;
  auto target = [&](int y) {
    return out.row(unit.touched.y + y - wanted.y) + ptrdiff_t{unit.touched.x - wanted.x} * channels;
  };
  if (level.compression == COMPRESSION_NONE && level.predictor == 1) {
    // Nothing to decode: the touched rows at once, then the touched part of each.
    if (unit.bytes < wanted_bytes)
      return Fail(ErrorKind::kBadInput, "{}: tile {} holds {} of {} bytes", file.source().name(),
                  unit.index, unit.bytes, wanted_bytes);
    const size_t span_bytes = row_bytes * static_cast<size_t>(unit.touched.height);
    const auto at = static_cast<int64_t>(unit.offset + row_bytes * static_cast<size_t>(first_row));
    const std::span<uint8_t> rows_read = AlignedRead(scratch.room, at, span_bytes);
    auto read = file.source_.ReadAt(at, rows_read);
    if (!read) return read;
    for (int y = 0; y < unit.touched.height; ++y) {
      std::memcpy(
          target(y),
          rows_read.data() + row_bytes * static_cast<size_t>(y) + ptrdiff_t{left} * channels,
          static_cast<size_t>(unit.touched.width) * static_cast<size_t>(channels));
    }
    return {};
  }
  const std::span<uint8_t> stored =
      AlignedRead(scratch.room, static_cast<int64_t>(unit.offset), static_cast<size_t>(unit.bytes));
  auto read = file.source_.ReadAt(static_cast<int64_t>(unit.offset), stored);
  if (!read) return read;
  scratch.stored = stored;
  const std::string problem =
      DecodeStored(level.compression, scratch, wanted_bytes, row_bytes * static_cast<size_t>(rows));
  if (!problem.empty()) {
    return Fail(ErrorKind::kBadInput, "{}: tile {} at byte {}: {}", file.source().name(),
                unit.index, unit.offset, problem);
  }
  for (int y = 0; y < unit.touched.height; ++y) {
    uint8_t* row = scratch.tile() + row_bytes * static_cast<size_t>(first_row + y);
    const size_t count = static_cast<size_t>(unit.touched.width) * static_cast<size_t>(channels);
    if (level.predictor != 2) {
      std::memcpy(target(y), row + ptrdiff_t{left} * channels, count);
    } else if (left == 0) {
      UndoPredictor(row, target(y), unit.touched.width, channels);
    } else {
      // A buffer of its own, for a sum in place would wait for its own stores.
      if (scratch.row.size() < row_bytes) scratch.row.resize(row_bytes);
      UndoPredictor(row, scratch.row.data(), left + unit.touched.width, channels);
      std::memcpy(target(y), scratch.row.data() + ptrdiff_t{left} * channels, count);
    }
  }
  return {};
}

}  // namespace

Result<DecodeReport> DecodeLevel(File& file, const Level& level, const Region& wanted,
                                 const DecodeRequest& request, PixelView out) {
  auto selected = file.Select(level);
  if (!selected) return selected.error();
  std::vector<Unit> units = TouchedUnits(level, wanted);
  const int64_t unit_pixels = int64_t{level.tile_width} * level.tile_height;
  const int64_t unit_bytes = (unit_pixels * level.bits + 7) / 8 * level.samples;
  DecodeReport report{.pixels_decoded = unit_pixels * static_cast<int64_t>(units.size())};
  if (report.pixels_decoded > request.limits.max_pixels ||
      unit_bytes > request.limits.max_memory_bytes) {
    return Fail(
        ErrorKind::kTooLarge,
        "{}: {} tiles or strips of {}x{} pixels are beyond the limit of {} pixels or {} bytes",
        file.source().name(), units.size(), level.tile_width, level.tile_height,
        request.limits.max_pixels, request.limits.max_memory_bytes);
  }
  Palette palette{};
  if (level.photometric == PHOTOMETRIC_PALETTE) {
    auto read = ReadPalette(file);
    if (!read) return read.error();
    palette = *read;
  }
  const bool own = request.variant == Variant::kBest || request.variant == Variant::kIndexed;
  if (own) report.fallback = OwnPathRefuses(level);
  if (own && report.fallback.empty()) {
    for (Unit& unit : units) {
      int error = 0;
      unit.offset = TIFFGetStrileOffsetWithErr(file.handle(), unit.index, &error);
      unit.bytes = TIFFGetStrileByteCountWithErr(file.handle(), unit.index, &error);
      if (error != 0 || unit.offset > static_cast<uint64_t>(file.source().size()) ||
          unit.bytes > static_cast<uint64_t>(file.source().size()) - unit.offset) {
        return Fail(ErrorKind::kBadInput,
                    "{}: tile {} at byte {} with {} bytes is outside the file's {} bytes",
                    file.source().name(), unit.index, unit.offset, unit.bytes,
                    file.source().size());
      }
    }
    bool old_lzw = false;
    if (level.compression == COMPRESSION_LZW && !units.empty()) {
      uint8_t head[2] = {};
      auto got = file.source().ReadSome(static_cast<int64_t>(units.front().offset), head);
      old_lzw = got.ok() && IsOldLzw(std::span(head).first(*got));
    }
    if (!old_lzw) {
      const bool jpeg = level.compression == COMPRESSION_JPEG;
      const std::vector<uint8_t> front = jpeg ? JpegFront(file) : std::vector<uint8_t>();
      auto done = ForEachPiece(static_cast<int>(units.size()), request.threads, [&](int i) {
        return OwnUnit(file, level, units[static_cast<size_t>(i)], wanted, front, out);
      });
      if (done) return report;
      if (!jpeg || done.error().kind != ErrorKind::kUnsupported) return done.error();
      report.fallback = done.error().message;
    }
    if (old_lzw) report.fallback = "LZW with the bit order of TIFF 5.0 goes through libtiff";
  }
  auto done = ByLibrary(file, level, units, wanted, palette, out);
  if (!done) return done.error();
  return report;
}

}  // namespace iiifbench::tiff
