// jp2/part1/walk: where the code-blocks of a region lie in a tile's packets.
//
// Standard: ITU-T T.800 B.10 (packet headers: inclusion and missing bit-planes as tag trees,
// passes, lengths by segment) over all layers. PLT, where it adds up, spares reading the headers of
// packets that are not needed; a needed packet that is then not as long as PLT says makes all of it
// void.
//
// Memory: 24 bytes a needed block and 24 a piece of one; 12 bytes a block and 16 a node of the tag
// trees of each precinct that is under way (with several layers; else of one). At most 2^20 blocks
// a precinct, 2^22 under way, 2^26 visited. Errors: kBadInput for headers or bodies that leave the
// tile, and where packets are missing; kUnsupported beyond those sizes. Threads: reentrant.
#pragma once

#include <span>
#include <vector>

#include "kernels/codecs/jp2/part1/tile_streams.h"

namespace iiifbench::jp2::part1 {

inline constexpr uint32_t kNoPiece = UINT32_MAX;

// What one packet has of a segment of a block.
struct Piece {
  int64_t at = 0;  // of the tile's packets
  uint32_t bytes = 0;
  uint32_t next = kNoPiece;  // of the same block
  uint32_t segment = 0;
};

struct Block {
  uint32_t first = kNoPiece, last = kNoPiece;
  int passes = 0;   // 0: not in the file, so all zero
  int missing = 0;  // bit-planes
};

// The code-blocks of one band that touch what a region needs of it.
struct Band {
  int component = 0, resolution = 0, band = 0;  // band: 0 LL, 1 HL, 2 LH, 3 HH
  Rect all;                                     // the band of the whole tile
  Rect needed;                                  // of it
  int width_log = 6, height_log = 6;            // of code-blocks; their grid begins at 0
  int64_t first_column = 0, first_row = 0;      // in that grid
  int columns = 0, rows = 0;
  std::vector<Block> blocks;  // rows x columns
};
Band PlanBand(const Coding& coding, int component, int resolution, int band, const Rect& all,
              const Rect& needed);

struct TileBlocks {
  std::vector<Band> bands;
  std::vector<Piece> pieces;
};

// Fills the blocks of `blocks.bands`.
Result<void> WalkPackets(Source& source, const TileStream& stream, const TileCoding& coding,
                         const Rect& tile, TileBlocks& blocks);

}  // namespace iiifbench::jp2::part1
