// jp2/ht/region: a region of an HTJ2K picture from the code-blocks that it touches, and no others.
//
// Why it is faster. OpenJPH gives whole rows from the top of a tile, and Grok, like OpenJPEG,
// decodes the touched code-blocks. Here too only they are decoded (packets.h finds them, blocks.h
// hands them to OpenJPH's SIMD block decoder), a few rows of blocks at a time on `threads`; the
// inverse wavelet and colour run over the region with its margin only, in strips that end as pixels
// of the caller's view (wavelet.h): a sample of the region is written once as an index, once as a
// pixel, and in between only at reduced resolutions. Bound: block decoding. A region costs its
// share of the blocks, rounded up to whole ones: for 1024x1024 in blocks of 64 about 1.3 of its
// pixels, each at the speed of OpenJPH. Reduced levels need only their resolutions.
//
// How close: 1024x1024 at the centre of an untiled 24 Mpx lossless page takes 0.43 of Grok's time
// (0.38-0.54; four times Grok's as rows from the top); a second thread brings it to 0.75
// (0.74-0.79), as much as two callers side by side on the same two processors.
//
// Exactness: 5/3 equals the crop of the whole decode in every bit; 9/7 differs by the order of
// float additions, at most 1 of 255.
//
// Shapes: out has wanted.size() and the file's components. Units: pixels of the level. Memory: 4
// bytes a touched sample of every component and a quarter of it again for reduced resolutions,
// which Plan states in bytes; nothing is allocated for samples before the packets were walked.
// Errors: as packets.h and blocks.h; kTooLarge for more than 2^21 bands. Threads:
// reentrant.
#pragma once

#include <vector>

#include "kernels/codecs/jp2/packets/packets.h"
#include "kernels/codecs/jp2/tiles.h"

namespace iiifbench::jp2 {

struct TilePlan {
  Tile tile;
  Rect grid;                      // on the reference grid
  std::vector<Rect> all;          // by resolution: the tile
  std::vector<Rect> needed;       // and what of it is synthesised
  std::vector<BandBlocks> bands;  // components x (1 + 3 * resolution)
};

struct RegionPlan {
  Coding coding;
  Region wanted;
  int level = 0;
  int resolution = 0;  // the level's
  TouchedTiles touched;
  std::vector<TilePlan> tiles;
  int64_t samples = 0;         // of one component in the touched code-blocks
  int64_t memory_bytes = 0;    // of DecodeRegion
  bool rows_are_right = true;  // of every touched tile, as OpenJPH gives them
};
// Reads the main header only. Makes nothing that grows with the number of code-blocks.
Result<RegionPlan> PlanRegion(Source& source, const Header& header, const Region& wanted,
                              int level);

// Whether this is cheaper than rows from the top of each tile, or the only right way. A tile's rows
// come from one thread.
bool RegionPays(const RegionPlan& plan, int threads);

Result<void> DecodeRegion(Source& source, const Header& header, RegionPlan& plan, int threads,
                          PixelView out);

}  // namespace iiifbench::jp2
