// fit_findings: what is to be said of the observations as a whole and of the fit: pauses that
// medians hide, a drift, wrong answers, a kernel that is not the server's, costs beside pixels.
//
// Units: milliseconds.
#pragma once

#include "harness/attribution/fit/fitted.h"

namespace iiifbench {

// Why the answers, or their times, are no ground for an attribution: also where nothing was fitted.
void AddRefusalsOfAnswers(const Observed& observed, Attribution& attribution);
void AddFitFindings(const Observed& observed, const Fitted& fitted, Attribution& attribution);

}  // namespace iiifbench
