// explain: what one request took, shared among its stages by a fit that never saw it, beside what
// other methods say of it and what our own kernels need.
//
// Stages: network (measured apart), overhead (the constants), read (our own time in read calls
// within the decode, or the tap's), decode, resize, encode (kernel times the fitted multiple),
// convert (the kernel's own). Units: milliseconds. Measures kernels that the fit did not need.
#pragma once

#include <span>

#include "harness/attribution/fit/fitted.h"

namespace iiifbench {

// `number`: of the case in the observations. `rivals`: fits of files stored otherwise that explain
// the probes as well: intervals then hold what these say too, and stages that they divide otherwise
// are merged.
RequestAttribution ExplainRequest(Observed& observed, const Fitted& fitted, size_t number,
                                  std::span<const Fitted* const> rivals = {});

}  // namespace iiifbench
