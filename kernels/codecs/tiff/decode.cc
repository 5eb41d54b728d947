#include "kernels/codecs/tiff/decode.h"

#include <algorithm>
#include <cstring>

#include "kernels/codecs/tiff/by_library.h"
#include "kernels/codecs/tiff/jpeg.h"
#include "kernels/codecs/tiff/tile.h"
#include "kernels/image/aligned_read.h"
#include "kernels/image/parallel.h"
#include "kernels/pixels/undo_predictor.h"

namespace iiifbench::tiff {
namespace {

// Why the own path does not apply; empty when it does.
std::string OwnPathRefuses(const Level& level) {
  const bool jpeg = level.compression == COMPRESSION_JPEG;
  if (jpeg && level.bits == 8 && level.planar == PLANARCONFIG_CONTIG &&
      level.samples == ChannelsOf(level) &&
      (level.photometric == PHOTOMETRIC_YCBCR || level.photometric == PHOTOMETRIC_MINISBLACK))
    return {};
  if (jpeg)
    return fmt::format("JPEG tiles with photometric {} go through libtiff", level.photometric);
  if (!DecodesItself(level.compression))
    return fmt::format("compression {} is decoded by libtiff", level.compression);
  if (NeedsRgba(level))
    return fmt::format("photometric {} goes through libtiff", level.photometric);
  if (level.samples > ColourSamples(level)) return "extra samples go through libtiff";
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

Result<void> OwnUnit(const File& file, const Level& level, const Unit& unit, const Place& place,
                     const Region& wanted, std::span<const uint8_t> jpeg_front, PixelView out) {
  static thread_local TileScratch scratch;
  struct Release {
    ~Release() { scratch.Release(); }
  } release;
  if (place.left_out()) {
    for (int y = 0; y < unit.touched.height; ++y)
      std::memset(out.row(unit.touched.y + y - wanted.y) +
                      ptrdiff_t{unit.touched.x - wanted.x} * out.channels,
                  0, static_cast<size_t>(unit.touched.width) * static_cast<size_t>(out.channels));
    return {};
  }
  if (level.compression == COMPRESSION_JPEG) {
    const Region inside = {unit.touched.x - unit.area.x, unit.touched.y - unit.area.y,
                           unit.touched.width, unit.touched.height};
    const Size stored = {level.tile_width, level.tiled ? level.tile_height : unit.area.height};
    return DecodeJpegUnit(file, jpeg_front, place.offset, place.bytes, stored, inside, scratch.room,
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
    if (place.bytes < wanted_bytes)
      return Fail(ErrorKind::kBadInput, "own reader: {}: {} holds {} of {} bytes",
                  file.source().name(), NameOf(level, unit.index, place), place.bytes,
                  wanted_bytes);
    const size_t span_bytes = row_bytes * static_cast<size_t>(unit.touched.height);
    const auto at = static_cast<int64_t>(place.offset + row_bytes * static_cast<size_t>(first_row));
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
  const std::span<uint8_t> stored = AlignedRead(scratch.room, static_cast<int64_t>(place.offset),
                                                static_cast<size_t>(place.bytes));
  auto read = file.source_.ReadAt(static_cast<int64_t>(place.offset), stored);
  if (!read) return read;
  scratch.stored = stored;
  auto decoded =
      DecodeStored(level.compression, scratch, wanted_bytes, row_bytes * static_cast<size_t>(rows));
  if (!decoded) {
    return Fail(ErrorKind::kBadInput, "{}: {}: {}: {}", DecoderOf(level.compression),
                file.source().name(), NameOf(level, unit.index, place), decoded.error().message);
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
  auto touched = TouchedUnits(file, level, wanted, request.limits);
  if (!touched) return touched.error();
  const std::vector<Unit>& units = *touched;
  DecodeReport report{.pixels_decoded = int64_t{level.tile_width} * level.tile_height *
                                        static_cast<int64_t>(units.size())};
  const bool jpeg = level.compression == COMPRESSION_JPEG;
  std::vector<uint8_t> front;
  if (jpeg) {
    auto tables = JpegFront(file);
    if (!tables) return tables.error();
    front = std::move(*tables);
  }
  const bool own = request.variant == Variant::kBest || request.variant == Variant::kIndexed;
  if (own) report.fallback = OwnPathRefuses(level);
  if (own && report.fallback.empty()) {
    std::vector<Place> places;
    places.reserve(units.size());
    for (const Unit& unit : units) {
      auto place = PlaceOf(file, level, unit.index);
      if (!place) return place.error();
      places.push_back(*place);
    }
    bool old_lzw = false;
    if (level.compression == COMPRESSION_LZW) {
      uint8_t head[2] = {};
      auto got = file.source().ReadSome(static_cast<int64_t>(places.front().offset), head);
      old_lzw = got.ok() && IsOldLzw(std::span(head).first(*got));
    }
    if (!old_lzw) {
      auto done = ForEachWantedPiece(
          static_cast<int>(units.size()), request.threads, file.source().name(), [&](int i) {
            const auto n = static_cast<size_t>(i);
            return OwnUnit(file, level, units[n], places[n], wanted, front, out);
          });
      if (done) return report;
      if (!jpeg || done.error().kind != ErrorKind::kUnsupported) return done.error();
      report.fallback = done.error().message;
    }
    if (old_lzw) report.fallback = "LZW with the bit order of TIFF 5.0 goes through libtiff";
  }
  auto done = ByLibrary(file, level, units, wanted, out);
  if (!done) return done.error();
  return report;
}

}  // namespace iiifbench::tiff
