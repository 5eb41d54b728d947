// jp2/part1/blocks: many code-blocks of a region from the file to samples of their bands.
//
// The pieces of a batch are read in the order of the file, neighbours and near ones at once, and
// laid out by block. Memory: the compressed bytes of a batch, kept by the thread. Errors: as
// Source; kBadInput where a code string is impossible, kUnsupported beyond 30 bit-planes. Threads:
// reentrant.
#pragma once

#include <span>

#include "kernels/codecs/jp2/ht/blocks.h"
#include "kernels/codecs/jp2/part1/walk.h"

namespace iiifbench::jp2::part1 {

// One block that is in the file, and the plane that it is wanted in.
struct BlockJob {
  const TileData* data = nullptr;
  const std::vector<Piece>* pieces = nullptr;
  const Coding* coding = nullptr;
  const Band* band = nullptr;
  const Block* block = nullptr;
  Rect rect;  // of the block in the band
  const Plane* to = nullptr;
};
Result<void> DecodeBlocks(Source& source, std::span<const BlockJob> jobs);

}  // namespace iiifbench::jp2::part1
