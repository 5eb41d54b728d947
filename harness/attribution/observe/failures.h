// failures: transfers and statuses that brought no picture. They are counted by kind and take
// nothing from the answers that were right.
//
// A failure that may pass (no connection, cut off, 408, 425, 429, 5xx but 501 and 505) is followed
// by a pause of 5 ms for each in a row, at most 40, and its request is asked again in its next
// turn. A request that was never answered is left out after three; after any other failure at once.
// Nothing else for five seconds, or a quarter of the budget, ends the probing: the server is gone.
// Threads: one.
#pragma once

#include <string>

#include "harness/attribution/observe/prober.h"

namespace iiifbench {

// In words of http/failure_kind.h; empty: none. `before` is a right answer to the same request.
std::string FailureToday(const Exchange& exchange, const CheckedAnswer& before);
bool MayPass(const Exchange& exchange);

void TakeFailure(Prober& prober, Observed& observed, size_t number, const Exchange& exchange,
                 const std::string& failure);
void TakeSuccess(Prober& prober, size_t number);

}  // namespace iiifbench
