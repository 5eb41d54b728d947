// request_total: the stages of a request given what it took.
//
// The fit predicts a request that it never saw; its own latency is then known too. By how much the
// two differ is shared among the stages in proportion to the variance of each (kernels and
// multiples are good to kKernelError of a stage, constants to kConstantError more), as a normal
// distribution given its sum would be. What each may be off by is also part of its interval:
// Disturbed draws it, to be given the total. The rest (kRestError of the latency) has a share as
// well, and what exceeds kMostDeviations standard deviations of the sum is none of the stages'
// doing: both stay unexplained. The fit itself is not touched; its prediction stands beside the
// answer. Units: milliseconds. Threads: none.
#pragma once

#include <random>

#include "harness/attribution/model/priors.h"
#include "kernels/image/stage_map.h"

namespace iiifbench {

// What a stage may be off by: a share of itself, and milliseconds of the constants (overhead).
struct ErrorSize {
  double kernel = kKernelError, constant = kConstantError;
};
// Of the sum of these stages, with the rest of a request of `total_ms`; one standard deviation.
double SumError(const StageMap<double>& stages, double total_ms, const ErrorSize& size = {});
// `stages`: as predicted; the network was measured and stays.
StageMap<double> GivenTotal(const StageMap<double>& stages, double total_ms,
                            const ErrorSize& size = {});
// The stages as they may be if kernels, multiples and constants are off: normal by their variance,
// never below 0.
StageMap<double> Disturbed(const StageMap<double>& stages, std::mt19937_64& random,
                           const ErrorSize& size = {});

}  // namespace iiifbench
