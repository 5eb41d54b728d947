// store_finding: the request that a store of sources stalls most, in a sentence; nothing below a
// tenth of it.
#pragma once

#include "harness/attribution/model/attribution.h"
#include "harness/attribution/model/observed.h"

namespace iiifbench {

// By the tap alone: also where nothing could be fitted.
void AddStoreFinding(const Observed& observed, Attribution& attribution);

}  // namespace iiifbench
