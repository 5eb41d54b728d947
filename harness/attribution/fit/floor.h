// floor: what our kernels need for a request, done in the best way: nobody is much faster.
//
// Units: milliseconds. Measures kernels that have fewer than three samples.
#pragma once

#include "harness/attribution/model/hypothesis.h"
#include "kernels/image/stage_map.h"

namespace iiifbench {

// Of read, decode, resize and encode.
StageMap<double> FloorOf(const Case& c, KernelCosts& costs);
// A work's cost by at least three samples (one of a slow work); 0 where there is no work.
double MeasuredCost(KernelCosts& costs, int work);

}  // namespace iiifbench
