// answer_cache: whether repeats of a request come from a cache of answers.
//
// A kept answer costs what no picture costs: about an info.json, the transfer and any delay that
// both pay. That a repeat is faster than the first is not enough (a page cache, a noisy machine).
// Of the requests whose first answer costs clearly more than that, three of four must be answered
// so, at most at 0.65 of the first; fewer than three such requests say nothing. Units:
// milliseconds, the network's share left out.
#pragma once

#include <span>

#include "harness/attribution/model/observed.h"

namespace iiifbench {

// `info_ms`: of an info.json; a cheaper repeat takes its place.
bool CacheAnswers(std::span<const RepeatedRequest> requests, double info_ms);

}  // namespace iiifbench
