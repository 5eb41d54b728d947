// sentence: the answer in one sentence, about the request that matters most: the slowest of those
// that stages were wanted for.
//
// It names the request, its latency, how many times our own kernels' time that is (the floor), its
// stages from large to small (of those that the data cannot separate only the sum), and what is
// left unexplained; stages that sum to clearly more than the latency are said to be doubtful. Where
// the fit alone was off by more than a tenth, it says what the fit predicted
// (fitting/request_total.h). Units: milliseconds.
#pragma once

#include <string>

#include "harness/attribution/model/attribution.h"

namespace iiifbench {

// The number of that request; CHECKs that there is one.
size_t Slowest(const std::vector<RequestAttribution>& requests);
std::string SentenceAbout(const RequestAttribution& request, size_t requests);

}  // namespace iiifbench
