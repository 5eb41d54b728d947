// measure_network: what of a latency is the way there and back, measured apart from the fit.
//
// Round trip: connect() alone where it bears one. A relay on the way accepts at once and hides it,
// so also: half of a connection that ends unused (half_close.h), but no more than a fresh
// connection's answer is later than a kept one's, where the server keeps any; and where it does not
// answer an end, that difference, beyond its own scatter. Never longer than half a fresh answer, a
// kept answer, or TLS' handshake. Per byte: the slope of a body of 8 MB against one of 1 kB from a
// server of our own on loopback; a slower wire shows in the bodies themselves (model/network.h).
// Never two connections at once. Units: milliseconds, megabytes of 10^6.
#pragma once

#include <string>
#include <vector>

#include "harness/attribution/model/network.h"
#include "harness/http/client.h"
#include "kernels/image/result.h"

namespace iiifbench {

// What to do where a transfer failed because a certificate is not trusted; else empty.
std::string TrustAdvice(const Exchange& exchange);
Result<NetworkCost> MeasureNetwork(const std::string& url, const std::vector<std::string>& headers,
                                   std::chrono::duration<double> budget = std::chrono::seconds(10));

}  // namespace iiifbench
