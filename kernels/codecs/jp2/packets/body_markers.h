// jp2/packets/body_markers: nothing that looks like a marker in the packets of tile-parts.
//
// Standard: ITU-T T.800 B.10.1 and T.814 7.1: no byte above 8F stands behind FF in a packet, but
// for SOP (with its length) and EPH. OpenJPEG 2.5.0 ends the process over a high-throughput
// code-block that breaks this (an assertion of its MEL decoder), so that it is asked after this.
// Time: one read of the bytes and a search. Errors: kBadInput with the byte; kUnsupported where SOP
// or EPH stand and `strictly` nothing may. Threads: reentrant.
#pragma once

#include <span>

#include "kernels/codecs/jp2/header.h"

namespace iiifbench::jp2 {

Result<void> CheckPacketsForMarkers(Source& source, const Header& header,
                                    std::span<const Extent> extents, bool strictly);

}  // namespace iiifbench::jp2
