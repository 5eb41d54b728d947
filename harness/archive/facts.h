// facts: what the header of a file says, as a row of a profile, and the stratum that it belongs to.
//
// Row: {"file", "bytes", "format", "width", "height", "channels", "bits", "levels", "tile": [w, h],
// then what the format has: "compression", "lossless", "progressive", "sampling": "4:2:0",
// "layers", "progression", "decompositions", "precincts", "plt", "tlm", "restart_interval",
// "predictor"; "orientation", "icc_bytes"; "stratum"}. A file that cannot be read as an image has
// {"file", "bytes", "damage": why, "kind": "damaged" | "unsupported" | "too large" | "unreadable"},
// and one that neither looks like an image nor is named like one {"file", "bytes", "other": true}.
// Stratum: format, tiled or not, pyramid or one level, coding, size class in Mpx: at most a few
// hundred, so that memory does not grow with the files. Memory: the header. Threads: as Source.
#pragma once

#include <string>

#include "harness/archive/worker.h"
#include "kernels/codecs/codec.h"

namespace iiifbench {

Row FactsOf(const std::string& path);
std::string StratumOf(std::string_view format, const ImageInfo& info);
std::string_view DamageKind(ErrorKind kind);

}  // namespace iiifbench
