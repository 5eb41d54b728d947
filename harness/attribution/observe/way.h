// way: the network's part of each case, from all transfers so far. Not for others.
#pragma once

#include "harness/attribution/model/observed.h"

namespace iiifbench {

// Sets `wire`, and `fixed_ms` of each case that was answered: of its samples' parts the one that
// the fit takes of its latencies (fit/fit.h).
void SetNetwork(Observed& observed);

}  // namespace iiifbench
