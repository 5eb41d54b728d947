// jp2_markers: what a JPEG 2000 codestream says of itself beside its size: precincts and pointers
// to packets.
//
// Standard: ITU-T T.800 annex I (boxes), A.6.1 (COD: Scod bit 0 and SPcod), A.7.3 (PLT). PLT is
// looked for in the first tile-part: writers put it in all or in none. Errors: kBadInput with the
// offset. Memory: none to speak of. Threads: as Source.
#pragma once

#include <string>

#include "kernels/image/source.h"

namespace iiifbench {

struct Jp2Markers {
  std::string precincts;  // of the finest level: "256x256"; "none": the whole of a tile
  bool plt = false, tlm = false;
};
Result<Jp2Markers> ReadJp2Markers(Source& source);

}  // namespace iiifbench
