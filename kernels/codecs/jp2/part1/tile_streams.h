// jp2/part1/tile_streams: the packets of the touched tiles, and what their tile-parts say.
//
// Standard: ITU-T T.800 A.4.2 (tile-parts), A.7.3 (PLT), A.7.4 and A.7.5 (packed packet headers).
// Memory: 16 bytes a tile-part, 4 bytes a packet where PLT is there, packed headers whole. Errors:
// kBadInput for tile-parts and markers that leave their bounds; kUnsupported for tile-parts out of
// order. Threads: reentrant.
#pragma once

#include <map>
#include <vector>

#include "kernels/codecs/jp2/packets/tile_data.h"
#include "kernels/codecs/jp2/part1/markers.h"

namespace iiifbench::jp2::part1 {

struct TileStream {
  TileData data;
  Markers markers;
  bool packed = false;  // headers stand apart, in `headers`
  Bytes headers;
  // Bytes of each packet in the order of the file; empty where PLT is absent or does not add up.
  std::vector<uint32_t> packet_bytes;
};

// By number of the tile. `extents` as TouchedExtents gives them; with PPM they hold all tiles.
Result<std::map<int64_t, TileStream>> ReadTileStreams(Source& source, const Header& header,
                                                      const Markers& main,
                                                      const std::vector<Extent>& extents);

}  // namespace iiifbench::jp2::part1
