// jp2_pointers: does a JPEG 2000 file say where its packets lie, and what does a server lose if
// not?
//
// Standard: ITU-T T.800, A.7: PLT (A.7.3) and PLM (A.7.2) packet lengths, TLM (A.7.1) tile-part
// lengths. Only the main header and that of the first tile-part are read. Without lengths, a packet
// is found by decoding the headers of all before it: cost in proportion to the codestream, whatever
// the region. Errors: kBadInput where the file is no JPEG 2000.
#pragma once

#include "harness/attribution/model/attribution.h"
#include "harness/attribution/model/observed.h"
#include "kernels/image/source.h"

namespace iiifbench {

struct Jp2Pointers {
  bool packet_lengths = false;  // PLT or PLM
  bool tile_lengths = false;    // TLM
};
Result<Jp2Pointers> PointersOf(Source& source);

// From the probes "pixel" (one pixel of the page) and "ladder:64" (all of a small copy), beyond
// what the same two cost our kernel: a finding, and a what-if for each request where packet lengths
// are absent. Nothing for other formats.
void AddPacketSearch(const Observed& observed, Attribution& attribution);

}  // namespace iiifbench
