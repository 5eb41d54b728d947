// spoiled_answer: what a fault plan asks for instead of the right answer, and work for nothing.
//
// Threads: all functions from any thread.
#pragma once

#include "harness/servers/reference/http/message.h"
#include "harness/servers/reference/reference_fault_plan.h"

namespace iiifbench {

// `size`: of the right answer.
void SpoilAnswer(FaultyAnswer how, Size size, http::Response& response);

// Our resize copies where sizes are equal; a server that resamples all the same does the work of a
// size one off. Counts to resize.
void ResampleForNothing(Size size, int channels, Filter filter, StageTimes& stages);

}  // namespace iiifbench
