#include "kernels/codecs/tiff/units.h"

#include <algorithm>

#include "kernels/codecs/tiff/convert.h"

namespace iiifbench::tiff {

Result<std::vector<Unit>> TouchedUnits(const File& file, const Level& level, const Region& wanted,
                                       const DecodeLimits& limits) {
  const std::string& name = file.source().name();
  const int planes = level.planar == PLANARCONFIG_SEPARATE ? level.samples : 1;
  const int64_t all = int64_t{level.across()} * level.down() * planes;
  // The lists of offsets and byte counts take more bytes than this.
  if (all > file.source().size()) {
    return Fail(ErrorKind::kTooLarge, "{}: TIFF of {} bytes that claims {} {}s", name,
                file.source().size(), all, level.unit_name());
  }
  const int first_row = wanted.y / level.tile_height;
  const int first_column = wanted.x / level.tile_width;
  const int last_row = (wanted.bottom() - 1) / level.tile_height;
  const int last_column = (wanted.right() - 1) / level.tile_width;
  const int64_t count = int64_t{last_row - first_row + 1} * (last_column - first_column + 1);
  const int64_t unit_pixels = int64_t{level.tile_width} * level.tile_height;
  // Samples as stored, or the RGBA that libtiff makes of them.
  const int64_t pixel_bits = NeedsRgba(level) ? 32 : int64_t{level.bits} * level.samples;
  if (unit_pixels > limits.max_pixels / count ||
      unit_pixels > limits.max_memory_bytes / pixel_bits * 8 ||
      count > limits.max_memory_bytes / static_cast<int64_t>(sizeof(Unit))) {
    return Fail(ErrorKind::kTooLarge,
                "{}: {} {}s of {}x{} pixels are beyond the limit of {} pixels or {} bytes", name,
                count, level.unit_name(), level.tile_width, level.tile_height, limits.max_pixels,
                limits.max_memory_bytes);
  }
  std::vector<Unit> units;
  units.reserve(static_cast<size_t>(count));
  for (int row = first_row; row <= last_row; ++row) {
    for (int column = first_column; column <= last_column; ++column) {
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

Result<Place> PlaceOf(const File& file, const Level& level, uint32_t index) {
  int error = 0, count_error = 0;
  Place place;
  place.offset = TIFFGetStrileOffsetWithErr(file.handle(), index, &error);
  place.bytes = TIFFGetStrileByteCountWithErr(file.handle(), index, &count_error);
  if (error != 0 || count_error != 0)
    return file.Failure(fmt::format("find {} {}", level.unit_name(), index));
  const auto size = static_cast<uint64_t>(file.source().size());
  // What an incomplete list leaves open is no hole of a sparse file.
  if (place.left_out() && !file.short_lists) return place;
  if (place.bytes == 0 || place.offset == 0 || place.offset > size ||
      place.bytes > size - place.offset) {
    return Fail(ErrorKind::kBadInput,
                "libtiff: {}: {} with {} bytes is outside the file's {} bytes",
                file.source().name(), NameOf(level, index, place), place.bytes, size);
  }
  return place;
}

std::string NameOf(const Level& level, uint32_t index, const Place& place) {
  return fmt::format("{} {} at byte {}", level.unit_name(), index, place.offset);
}

}  // namespace iiifbench::tiff
