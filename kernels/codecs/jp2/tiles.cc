#include "kernels/codecs/jp2/tiles.h"

#include <algorithm>

namespace iiifbench::jp2 {
namespace {

int64_t CeilShift(int64_t value, int shift) { return (value + (int64_t{1} << shift) - 1) >> shift; }

}  // namespace

TouchedTiles TilesTouching(const Header& h, const Region& wanted, int level) {
  const auto on_grid = [level](int64_t at, int64_t origin) {
    return (CeilShift(origin, level) + at) << level;
  };
  TouchedTiles touched{
      .first_column = (std::max(h.x0, on_grid(wanted.x, h.x0)) - h.tile_x0) / h.tile_width,
      .last_column = (std::min(h.x1, on_grid(wanted.right(), h.x0)) - 1 - h.tile_x0) / h.tile_width,
      .first_row = (std::max(h.y0, on_grid(wanted.y, h.y0)) - h.tile_y0) / h.tile_height,
      .last_row = (std::min(h.y1, on_grid(wanted.bottom(), h.y0)) - 1 - h.tile_y0) / h.tile_height};
  for (int64_t row = touched.first_row; row <= touched.last_row; ++row) {
    for (int64_t column = touched.first_column; column <= touched.last_column; ++column) {
      Tile t{.number = row * h.tiles_across() + column,
             .grid_x = h.tile_x0 + column * h.tile_width,
             .grid_y = h.tile_y0 + row * h.tile_height};
      t.x0 = std::max(h.x0, t.grid_x), t.x1 = std::min(h.x1, t.grid_x + h.tile_width);
      t.y0 = std::max(h.y0, t.grid_y), t.y1 = std::min(h.y1, t.grid_y + h.tile_height);
      const auto x = static_cast<int>(CeilShift(t.x0, level) - CeilShift(h.x0, level)),
                 y = static_cast<int>(CeilShift(t.y0, level) - CeilShift(h.y0, level));
      t.level = {x, y, static_cast<int>(CeilShift(t.x1, level) - CeilShift(t.x0, level)),
                 static_cast<int>(CeilShift(t.y1, level) - CeilShift(t.y0, level))};
      if (t.level.empty() || t.level.right() <= wanted.x || t.level.x >= wanted.right() ||
          t.level.bottom() <= wanted.y || t.level.y >= wanted.bottom())
        continue;
      touched.tiles.push_back(t);
    }
  }
  return touched;
}

}  // namespace iiifbench::jp2
