// file_findings: what can be said without the file, and what not, each with its reason.
//
// A stand-in of an identified kind gives a floor of that kind; of one that is not, read and decode
// have none, nor is there a change of the file to advise. A way to work is identified only where
// all stand-ins that stay agree on it. Units: milliseconds.
#pragma once

#include <vector>

#include "harness/attribution/fit/fitted.h"

namespace iiifbench {

// `out.stored` is there. `rivals`: fits of the other stand-ins that stay.
void KeepWhatHolds(const Observed& observed, const std::vector<const Fitted*>& rivals,
                   Attribution& out);

// The command that would tell what is not identified, and why that one; empty where all is.
// `budget`: seconds that this run had.
std::string NextCommand(const Attribution& attribution, double budget);

}  // namespace iiifbench
