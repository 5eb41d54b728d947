// jp2/tiles: which tiles a region of a level touches, and where they lie.
//
// Standard: ITU-T T.800 B.3. Units: the reference grid (level 0), and pixels of the level with the
// picture's first at 0. Memory: 100 bytes a touched tile. Errors, threads: none.
#pragma once

#include <vector>

#include "kernels/codecs/jp2/header.h"

namespace iiifbench::jp2 {

struct Tile {
  int64_t number = 0;
  int64_t x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // on the reference grid, inside the image
  int64_t grid_x = 0, grid_y = 0;          // its corner in the grid of tiles
  Region level;                            // of the level
};

struct TouchedTiles {
  int64_t first_column = 0, last_column = 0, first_row = 0, last_row = 0;
  std::vector<Tile> tiles;  // without those that have no pixel at this level
};
TouchedTiles TilesTouching(const Header& header, const Region& wanted, int level);

}  // namespace iiifbench::jp2
