// jp2/packets/packets: where the code-blocks of a region lie in a tile's packets.
//
// Standard: ITU-T T.800 B.10 (packet headers: inclusion and missing bit-planes as tag trees,
// passes, lengths) and B.12 (the five progression orders); T.814 B.1 (HT blocks: the length of the
// cleanup pass, then of both refinement passes). Why walk: nothing in a file says where a packet
// begins but the length of all before it (PLT markers may be absent), so each header in front of
// the last needed one is read, about 40 bytes for 12 blocks, and no body.
//
// Memory: 24 bytes a needed block, 2 bytes a block of one precinct, 48 bytes a precinct of the
// tile, of which there are at most as many as bytes and 2^20; a precinct has at most 2^20 blocks, a
// walk visits at most 2^26. Beyond: kUnsupported. Errors: kBadInput for headers or bodies that
// leave the tile. Threads: reentrant.
#pragma once

#include <span>
#include <vector>

#include "kernels/codecs/jp2/packets/coding.h"
#include "kernels/codecs/jp2/packets/tile_data.h"

namespace iiifbench::jp2 {

struct Block {
  int64_t at = 0;  // of the tile's packets
  uint32_t cleanup_bytes = 0, refinement_bytes = 0;
  uint8_t passes = 0;   // 0: not in the file, so all zero
  uint8_t missing = 0;  // bit-planes
};

// The code-blocks of one band that touch what a region needs of it.
struct BandBlocks {
  int component = 0, resolution = 0, band = 0;  // band: 0 LL, 1 HL, 2 LH, 3 HH
  Rect all;                                     // the band of the whole tile
  Rect needed;                                  // of it
  int width_log = 6, height_log = 6;            // of code-blocks; their grid begins at 0
  int64_t first_column = 0, first_row = 0;      // in that grid
  int columns = 0, rows = 0;
  std::vector<Block> blocks;  // rows x columns, once made
};
// The geometry, without blocks: there may be more than memory for them.
BandBlocks BlocksTouching(const Coding& coding, int component, int resolution, int band,
                          const Rect& all, const Rect& needed);

inline void MakeBlocks(BandBlocks& band) {
  band.blocks.resize(static_cast<size_t>(band.columns) * static_cast<size_t>(band.rows));
}

// Fills the blocks of `bands`, which are made, and which has for each component 1 + 3 * resolution
// bands in the order of Coding::BandIndex.
Result<void> WalkPackets(Source& source, const TileData& data, const Coding& coding,
                         const Rect& tile, int components, int resolution,
                         std::span<BandBlocks> bands);

}  // namespace iiifbench::jp2
