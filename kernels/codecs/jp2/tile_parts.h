// jp2/tile_parts: which tile-parts a region needs, and what their headers change.
//
// Standard: ITU-T T.800 A.4.2 (SOT), A.3 (what may stand in a tile-part header). A tile may have
// its own COD and COC, so its own number of decompositions and its own code-blocks; both are read
// here, once, before a decoder is asked for anything.
//
// Memory: 16 bytes a run of tile-parts, 4 bytes a tile. Time: one read a tile-part, linear in their
// number. Errors: kBadInput with the byte: lengths that leave the codestream, tiles that are
// missing, headers that contradict themselves. Threads: none of its own.
#pragma once

#include <vector>

#include "kernels/codecs/jp2/header.h"

namespace iiifbench::jp2 {

// What the tiles need of a decoder.
struct TileDemands {
  // To be set before: whether tiles that are not touched count for fewest_decompositions, so that a
  // region is reduced as the whole is. Costs a read a tile.
  bool of_all_tiles = false;
  int fewest_decompositions = 0;  // of a component of a tile
  // In the costliest touched tile; packets count layers.
  int64_t blocks = 0, precincts = 0, packets = 0;
  bool packed_headers = false;  // PPM or PPT
};

// The main header and the tile-parts of the tiles in [first_column, last_column] x [first_row,
// last_row]: a codestream in which the other tiles are absent. Fails unless every one of these
// tiles is there and complete.
Result<std::vector<Extent>> TouchedExtents(Source& source, const Header& header,
                                           int64_t first_column, int64_t last_column,
                                           int64_t first_row, int64_t last_row,
                                           TileDemands* demands = nullptr);

}  // namespace iiifbench::jp2
