// jp2/packets/tile_data: the packets of one tile as one run of bytes.
//
// Standard: ITU-T T.800 A.4.2 (tile-parts), A.7 (markers that may stand in one). Memory: 16 bytes a
// tile-part. Errors: kUnsupported where a tile-part changes how its packets are read (COD, COC,
// QCD, QCC, RGN, POC, PPT) or comes out of order, kBadInput where it has no SOD. Threads:
// reentrant.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "kernels/codecs/jp2/tile_parts.h"

namespace iiifbench::jp2 {

// The packets of a tile: the bytes behind SOD of its tile-parts, one after the other.
struct TileData {
  std::vector<Extent> parts;
  int64_t bytes = 0;
  // Exactly to.size() bytes from `at` of the packets.
  Result<void> Read(Source& source, int64_t at, std::span<uint8_t> to) const;
  // The body of a code-block. T.800 B.10.1 and T.814 7.1: no byte above 8F stands behind FF in one,
  // so that no marker shows; a body that has one is damaged, and OpenJPH 0.9.0 ends the process
  // over it.
  Result<void> ReadBody(Source& source, int64_t at, std::span<uint8_t> to) const;
};
// By tile number. `extents` as TouchedExtents gives them. kUnsupported where a tile-part has
// markers of its own that change how packets are read.
Result<std::map<int64_t, TileData>> FindTileData(Source& source, const Header& header,
                                                 const std::vector<Extent>& extents);

}  // namespace iiifbench::jp2
