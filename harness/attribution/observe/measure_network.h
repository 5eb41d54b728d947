// measure_network: what of a latency is the way there and back, measured apart from the fit.
//
// Round trip: the median time of connect() on fresh connections, or, where that is more than 5 ms
// longer, by how much a fresh connection's answer is later than a kept one's. Transfer: on
// loopback, the slope of a body of 8 MB against one of 1 kB from a server of our own that holds
// them in memory; on a real link the body's own time on the wire (done - first byte) counts,
// because windows and slow start have no constant rate. Units: milliseconds, megabytes of 10^6.
#pragma once

#include <string>
#include <vector>

#include "harness/attribution/model/network.h"
#include "harness/http/client.h"
#include "kernels/image/result.h"

namespace iiifbench {

// What to do where a transfer failed because a certificate is not trusted; else empty.
std::string TrustAdvice(const Exchange& exchange);
Result<NetworkCost> MeasureNetwork(const std::string& url, const std::vector<std::string>& headers);

}  // namespace iiifbench
