// jp2/ht/block_stream: a codestream whose picture is nothing but some code-blocks of one band.
//
// Standard: ITU-T T.800 A.4 to A.6 (markers), B.10 (packet header); see blocks.h for why. Memory:
// the headers, 24 bytes a block; no bodies. Errors: kUnsupported beyond 32768 samples
// a side, the largest precinct. Threads: none of its own.
#pragma once

#include <vector>

#include "kernels/codecs/jp2/packets/packets.h"

namespace iiifbench::jp2 {

struct BlockStream {
  // Which bytes of the tile's packets follow.
  struct Body {
    int64_t start = 0;  // in this stream
    int64_t at = 0, bytes = 0;
  };
  std::vector<uint8_t> front;  // all up to the first body
  std::vector<Body> bodies;    // then
  int64_t length = 0;          // with the EOC marker at the end
  Rect rect;                   // the picture, in coordinates of the band
};
// Rows [first_row, first_row + rows) of the blocks in `band`; `planes`: M_b to be stated.
Result<BlockStream> WriteBlockStream(const Source& source, const Coding& coding,
                                     const BandBlocks& band, int first_row, int rows, int planes);

}  // namespace iiifbench::jp2
