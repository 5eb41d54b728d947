// predict: what a change would save, from the fit of an attribution and our kernels on the changed work.
//
// after = network + (latency now - network) x model(then) / model(now): the ratio keeps what the model misses
// of this very request, and what the machine does today. The kernels of both sides run in turn before it is
// taken. `latency_ms` is the request's, measured at the time of the prediction. Units: milliseconds;
// intervals are 95 % of the fit's bootstrap, but where a function says that they are assumed.
#pragma once

#include "harness/attribution/attribute.h"

namespace iiifbench {

struct Prediction {
  double saves_ms = 0, low = 0, high = 0;
  double latency_ms = 0;  // that it was made from
};

// The same server and format; the request, the file or the encoder differ.
Prediction PredictChange(double latency_ms, const Case& now, const Case& then, const FittedModel& model,
                         KernelCosts& costs, bool foreign_encoder);
// The same request from another format. `other`: the server's fit of that format; null: by the best habit,
// and as many times slower than our kernel as in the format that is known, which is a guess, and its interval
// says so (0.7 to 1.5 times).
Prediction PredictOther(double latency_ms, const Case& now, const Case& then, const FittedModel& model,
                        const FittedModel* other, KernelCosts& costs, bool foreign_encoder);
// An answer from a cache costs what an info.json does.
Prediction PredictHit(double latency_ms, const Case& now, const FittedModel& model);

// A case with another path or, above 0, quality of the answer; its encode kernel is registered.
Result<Case> ChangedRequest(const Case& now, const std::string& path, ApiVersion version, int quality,
                            KernelCosts& costs);

}  // namespace iiifbench
