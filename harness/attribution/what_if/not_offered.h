// not_offered: the kinds of changes that an operator asks about, and for each that is no line among
// the what-ifs why it is none. Kinds: pyramid, tiles, PLT markers, other format, quality, aligned
// requests, spelling, HTJ2K, DCT scaling, faster encoder, index sidecar, cache, more workers.
#pragma once

#include "harness/attribution/model/attribution.h"
#include "harness/attribution/model/observed.h"

namespace iiifbench {

// Completes the list; what trials said already stays and is enough. `tried`: changes were tried.
void AddNotOffered(const Observed& observed, bool tried, Attribution& attribution);

}  // namespace iiifbench
