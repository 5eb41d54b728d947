// simpler_models: what others would do with the same data, so that the probe experiment can be
// judged.
//
// Geometric: latency on [1, image, decoded Mpx, resampled Mpx, output Mpx], with the size series,
// fixed transfer and robust weights of our own fit; no kernel is run. Naive: plain least squares,
// coefficients >= 0, of the source's probes on [1, decode kernel, resize kernel, encode kernel,
// bytes]: no size series, no weights, transfer fitted. Each takes the habits that suit it best, of
// those that answers and screening left (whichever filter they named: a filter has no geometry).
// Units: milliseconds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/attribution/fit/fit.h"
#include "harness/attribution/model/observed.h"

namespace iiifbench {

struct SimplerModel {
  std::string name;                      // "geometric", "naive"
  std::optional<double> error;           // of latencies left out; none: not defined here
  std::vector<StageMap<double>> stages;  // of every case
};

// `rows`: the cases in the fit.
std::vector<SimplerModel> SimplerModels(Observed& observed, const std::vector<int>& rows,
                                        const Fit& fit, uint64_t seed);

}  // namespace iiifbench
