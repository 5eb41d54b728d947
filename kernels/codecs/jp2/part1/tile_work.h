// jp2/part1/tile_work: what of one tile a region needs, and the rows of it that are in memory.
//
// Rows come from the top, some hundred of the wanted resolution at a time. Every band and every
// resolution in between is a window of rows: those that the next rows still need are kept, so that
// no code-block is decoded twice and no row synthesised twice. Memory: as StatedBytes says: rows at
// a time, the margin of the wavelet and a row of code-blocks, 4 bytes a sample. Threads: none of
// its own.
#pragma once

#include <vector>

#include "kernels/codecs/jp2/ht/wavelet.h"
#include "kernels/codecs/jp2/part1/blocks.h"
#include "kernels/codecs/jp2/tiles.h"

namespace iiifbench::jp2::part1 {

// Rows rect.y of the columns rect.x.
struct Window {
  Plane plane;
  int64_t capacity = 0;  // rows
  int64_t next = 0;      // band: the first row of blocks that is not decoded
};

struct ComponentWork {
  int resolution = 0;               // the level's
  std::vector<Rect> all, needed;    // by resolution: the tile, and what of it is synthesised
  size_t first_band = 0;            // of its bands, in the order of Coding::BandIndex
  std::vector<Window> bands;        // in this order
  std::vector<Window> resolutions;  // by resolution; the wanted one is not kept
  std::vector<Range> rows;          // by resolution: to be synthesised now
};

struct TileWork {
  Tile tile;
  Rect grid;  // on the reference grid
  const TileStream* stream = nullptr;
  TileCoding coding;
  TileBlocks blocks;
  std::vector<ComponentWork> components;
  int64_t samples = 0;  // of the wanted resolution and one component
  int64_t touched = 0;  // in the touched code-blocks of one component
};

// Fills components and bands for `pixels` of the level, in coordinates of its resolution.
// kUnsupported where the tile has no such level, or its component transformation two wavelets.
Result<void> PlanTile(const Source& source, const Rect& pixels, int level, int channels,
                      TileWork& work);
int64_t StatedBytes(const TileWork& work, int64_t rows_at_a_time);

// Moves the windows to what rows `y` of the wanted resolution need, and lists the code-blocks to be
// decoded into them. `y` follows the rows of the call before.
void AdvanceTo(TileWork& work, const Range& y, std::vector<BlockJob>& jobs);

// The bands that resolution `r` of a component is made of.
Level LevelOf(const TileWork& work, size_t component, size_t r);

}  // namespace iiifbench::jp2::part1
