// libtiff: tiles through its own encoder, into memory; its decoding is the codec's variant
// `library`.
#pragma once

#include "benchmarks/peers/peer.h"

namespace iiifbench::peers {

Result<void> EncodeByLibtiff(const Task& task, Answer& answer);

}  // namespace iiifbench::peers
