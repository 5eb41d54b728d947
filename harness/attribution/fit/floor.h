// floor: what our kernels need for a request, done in the best way: nobody is much faster.
//
// Units: milliseconds. Measures kernels that have fewer than three samples.
#pragma once

#include <map>
#include <string>

#include "harness/attribution/model/hypothesis.h"

namespace iiifbench {

// Of "read", "decode", "resize" and "encode".
std::map<std::string, double> FloorOf(const Case& c, KernelCosts& costs);
// A work's cost by at least three samples (one of a slow work); 0 where there is no work.
double MeasuredCost(KernelCosts& costs, int work);

}  // namespace iiifbench
