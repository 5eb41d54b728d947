// stored_format: which of the stand-ins are like the file that the server reads, as far as its
// latencies and pixels tell.
//
// Each stand-in's hypotheses are fitted by themselves. The probes decide between the stand-ins: by
// the mean relative error of probes left out, the criterion of every choice here. One is rejected
// where its error is at least kIdentified times the best one's and kStandInError above it, and
// larger too in 99 % of the resamples of the probes (paired: the same probes for both); none where
// the best is no better than kPoorFit. What is not rejected stays: the
// stages' intervals hold what each of them says. Pixels as the server had them exclude a JPEG whose
// grid they do not carry. They do so only where the latencies do not say the opposite: a server may
// change pixels (a colour profile, sharpening). What the answer says of the file (format, coding,
// levels, tile) is identified where all that stay agree, and nothing else. Units: errors relative
// to the latency. Randomness: from a seed. Threads: none.
#pragma once

#include "harness/attribution/fit/fitted.h"

namespace iiifbench {

struct StandInFit {
  const StoredAs* stored = nullptr;
  std::optional<Fitted> fitted;  // where it may be the file
  std::vector<double> errors;    // of each probe, left out
  double error = 0;              // their mean
  std::string rejected;          // why; empty: it may be the file
};

// Best first of those that stay, then the rejected. Errors: of FitObserved, where none can be
// fitted.
Result<std::vector<StandInFit>> FitStandIns(Observed& observed, uint64_t seed);

// What is said of the file.
StoredVerdict VerdictOnFile(const Observed& observed, const std::vector<StandInFit>& fits);

// From here on the observations are those of this file: what comes after the fit looks at it as at
// a source.
void Adopt(Observed& observed, const StoredAs& stored);

}  // namespace iiifbench
