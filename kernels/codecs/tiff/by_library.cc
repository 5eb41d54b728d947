#include "kernels/codecs/tiff/by_library.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "kernels/codecs/tiff/tile.h"
#include "kernels/image/reused.h"
#include "kernels/image/wanted.h"

namespace iiifbench::tiff {
namespace {

uint8_t* Target(const PixelView& out, const Region& wanted, const Unit& unit, int y) {
  return out.row(unit.touched.y + y - wanted.y) +
         ptrdiff_t{unit.touched.x - wanted.x} * out.channels;
}

Error Damaged(const File& file, const Level& level, uint32_t index, const Place& place,
              std::string_view why) {
  return Fail(ErrorKind::kBadInput, "libtiff: {}: {}: {}", file.source().name(),
              NameOf(level, index, place), why);
}

// Decodes one unit into `buffer`. `needed`: its first bytes that must be there, of rows of
// `row_bytes`.
Result<void> ReadUnit(File& file, const Level& level, uint32_t index, std::span<uint8_t> buffer,
                      size_t needed, size_t row_bytes) {
  auto place = PlaceOf(file, level, index);
  if (!place) return place.error();
  if (place->left_out()) {
    std::memset(buffer.data(), 0, buffer.size());
    return {};
  }
  // Those that write byte after byte leave nothing in between; of the others nothing is believed.
  const bool in_order = DecodesItself(level.compression) || level.compression == COMPRESSION_JPEG;
  if (!in_order) std::memset(buffer.data(), 0, buffer.size());
  const auto last_row = buffer.subspan(needed - row_bytes, row_bytes);
  // Decoders write from left to right, so the last byte is written last. That it holds the first
  // mark may be the picture's doing; that it holds the second as well may not.
  for (const uint8_t mark : {uint8_t{0xA5}, uint8_t{0x5A}}) {
    std::fill(last_row.begin(), last_row.end(), mark);
    file.message.clear();
    file.damage.clear();
    const auto bytes = static_cast<tmsize_t>(buffer.size());
    const tmsize_t got = level.tiled
                             ? TIFFReadEncodedTile(file.handle(), index, buffer.data(), bytes)
                             : TIFFReadEncodedStrip(file.handle(), index, buffer.data(), bytes);
    if (got < 0) return file.Failure(NameOf(level, index, *place));
    if (!file.damage.empty()) return Damaged(file, level, index, *place, file.damage);
    if (static_cast<size_t>(got) < needed) {
      return Damaged(file, level, index, *place,
                     fmt::format("{} of {} bytes are there", got, needed));
    }
    if (last_row.back() != mark) return {};
  }
  return Damaged(file, level, index, *place, "libtiff leaves the end of its last row unwritten");
}

Result<void> ByUnits(File& file, const Level& level, const std::vector<Unit>& units,
                     const Region& wanted, PixelView out) {
  Palette palette;
  if (level.photometric == PHOTOMETRIC_PALETTE) {
    auto read = ReadPalette(file, level);
    if (!read) return read.error();
    palette = *read;
  }
  const tmsize_t unit_bytes =
      level.tiled ? TIFFTileSize(file.handle()) : TIFFStripSize(file.handle());
  const tmsize_t row_size =
      level.tiled ? TIFFTileRowSize(file.handle()) : TIFFScanlineSize(file.handle());
  if (unit_bytes <= 0 || row_size <= 0) return file.Failure("size of a tile or strip");
  const auto row_bytes = static_cast<size_t>(row_size);
  const bool apart = level.planar == PLANARCONFIG_SEPARATE && level.samples > 1;
  const int planes = apart ? ColourSamples(level) : 1;
  const auto plane_bytes = static_cast<size_t>(unit_bytes);
  static thread_local std::vector<uint8_t> kept;
  const KeptBytes buffer(kept, plane_bytes * static_cast<size_t>(planes));
  const auto per_plane =
      static_cast<uint32_t>(level.across()) * static_cast<uint32_t>(level.down());
  for (const Unit& unit : units) {
    if (!StillWanted()) return GivenUp(file.source().name());
    const size_t needed = row_bytes * static_cast<size_t>(unit.touched.bottom() - unit.area.y);
    if (needed > plane_bytes) return file.Failure("size of a tile or strip");
    for (int plane = 0; plane < planes; ++plane) {
      // The last strip is shorter than the others; libtiff writes only its rows.
      auto read =
          ReadUnit(file, level, unit.index + static_cast<uint32_t>(plane) * per_plane,
                   buffer.span().subspan(plane_bytes * static_cast<size_t>(plane), plane_bytes),
                   needed, row_bytes);
      if (!read) return read;
    }
    for (int y = 0; y < unit.touched.height; ++y) {
      const uint8_t* first =
          buffer.data() + row_bytes * static_cast<size_t>(unit.touched.y + y - unit.area.y);
      StoredRow row{.apart = apart};
      for (int plane = 0; plane < 4; ++plane)
        row.plane[static_cast<size_t>(plane)] =
            first + plane_bytes * static_cast<size_t>(plane < planes ? plane : 0);
      ConvertRow(level, palette, row, unit.touched.x - unit.area.x, unit.touched.width,
                 Target(out, wanted, unit, y));
    }
  }
  return {};
}

// libtiff's RGBA interface, unit by unit, in the order of rows of the file.
Result<void> ByRgba(File& file, const Level& level, const std::vector<Unit>& units,
                    const Region& wanted, PixelView out) {
  TIFFRGBAImage image{};
  char why[1024] = {};
  if (!TIFFRGBAImageBegin(&image, file.handle(), 1, why)) {
    return Fail(ErrorKind::kUnsupported, "libtiff: {}: {}", file.source().name(),
                why[0] != 0 ? why : "its RGBA interface does not take this file");
  }
  const std::unique_ptr<TIFFRGBAImage, decltype(&TIFFRGBAImageEnd)> end(&image, &TIFFRGBAImageEnd);
  image.req_orientation = image.orientation;  // no turning
  static thread_local std::vector<uint8_t> kept;
  for (const Unit& unit : units) {
    if (!StillWanted()) return GivenUp(file.source().name());
    const auto pixels = static_cast<size_t>(unit.area.size().pixels());
    const KeptBytes buffer(kept, pixels * sizeof(uint32_t));
    std::memset(buffer.data(), 0, buffer.size());
    auto place = PlaceOf(file, level, unit.index);
    if (!place) return place.error();
    if (!place->left_out()) {
      image.row_offset = unit.area.y;
      image.col_offset = unit.area.x;
      file.message.clear();
      file.damage.clear();
      auto* raster = reinterpret_cast<uint32_t*>(buffer.data());
      const int done = TIFFRGBAImageGet(&image, raster, static_cast<uint32_t>(unit.area.width),
                                        static_cast<uint32_t>(unit.area.height));
      if (!done) return file.Failure(NameOf(level, unit.index, *place));
      if (!file.damage.empty()) return Damaged(file, level, unit.index, *place, file.damage);
    }
    for (int y = 0; y < unit.touched.height; ++y) {
      const uint8_t* from =
          buffer.data() + 4 * (static_cast<size_t>(unit.touched.y + y - unit.area.y) *
                                   static_cast<size_t>(unit.area.width) +
                               static_cast<size_t>(unit.touched.x - unit.area.x));
      uint8_t* to = Target(out, wanted, unit, y);
      for (int x = 0; x < unit.touched.width; ++x) {
        uint32_t pixel = 0;
        std::memcpy(&pixel, from + ptrdiff_t{4} * x, sizeof pixel);
        to[3 * x] = static_cast<uint8_t>(TIFFGetR(pixel));
        to[3 * x + 1] = static_cast<uint8_t>(TIFFGetG(pixel));
        to[3 * x + 2] = static_cast<uint8_t>(TIFFGetB(pixel));
      }
    }
  }
  return {};
}

}  // namespace

Result<void> ByLibrary(File& file, const Level& level, const std::vector<Unit>& units,
                       const Region& wanted, PixelView out) {
  return NeedsRgba(level) ? ByRgba(file, level, units, wanted, out)
                          : ByUnits(file, level, units, wanted, out);
}

}  // namespace iiifbench::tiff
