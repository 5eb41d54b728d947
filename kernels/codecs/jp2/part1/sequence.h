// jp2/part1/sequence: the order of a tile's packets.
//
// Standard: ITU-T T.800 B.12.1 (the five progressions) and B.12.2 (changes of progression). A
// precinct stands at the place of the reference grid where it begins, or at the tile's edge.
// Shapes: precincts of a resolution are counted along rows. Memory: 8 bytes a precinct of all
// components, 24 while they are sorted, 2 more with POC. Errors: kUnsupported beyond 2^21
// precincts. Threads: reentrant.
#pragma once

#include <functional>
#include <vector>

#include "kernels/codecs/jp2/part1/markers.h"

namespace iiifbench::jp2::part1 {

struct PrecinctGrid {
  Rect all;  // the tile at the resolution
  int width_log = 15, height_log = 15;
  int64_t first_column = 0, first_row = 0, columns = 0, rows = 0;
  int64_t count() const { return columns * rows; }
};
PrecinctGrid PrecinctsOf(const Coding& coding, const Rect& tile, int resolution);

struct Packet {
  uint32_t precinct = 0;
  uint16_t component = 0;
  uint8_t resolution = 0;
  int layer = 0;
};
// Calls `visit` for each packet in the file's order, until it says false or fails.
Result<void> VisitPackets(const Source& source, const TileCoding& coding, const Rect& tile,
                          const std::function<Result<bool>(const Packet&)>& visit);

}  // namespace iiifbench::jp2::part1
