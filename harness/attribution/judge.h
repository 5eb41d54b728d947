// judge: from observations to the answer: the fit, the stages of every request of interest, what
// would help by the fit alone, what is found and what is refused.
//
// Asks the server nothing: observations that were kept can be judged again. Measures kernels that
// the observations lack. Units: milliseconds.
#pragma once

#include "harness/attribution/model/attribution.h"
#include "harness/attribution/model/observed.h"

namespace iiifbench {

Attribution Judge(Observed& observed, uint64_t seed);

}  // namespace iiifbench
