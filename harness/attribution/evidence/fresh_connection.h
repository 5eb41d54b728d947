// fresh_connection: what a request costs a client whose connection is not open yet, apart from the
// server.
//
// Each request is asked on connections of its own and compared with its kept-alive samples. connect
// and TLS by the client's own instants; what is left of the difference up to the first byte and
// after it is the link: on a real one slow start, which a kept connection has behind it. Where a
// relay accepts for the server, the round trips of connect show in "first-byte" instead. Adds
// method "fresh" {connect, tls, first-byte, body, total} and findings where it matters. Units:
// milliseconds, medians.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "harness/attribution/model/observed.h"
#include "kernels/image/result.h"

namespace iiifbench {

struct FreshConnection {
  double connect_ms = 0, tls_ms = 0;
  double first_byte_ms = 0;  // from the request's being due, connect and TLS in it
  double body_ms = 0;        // first byte to last
  double total_ms = 0;
};
// Errors: kIo when a request is not answered with 200.
Result<FreshConnection> AskFresh(const std::string& url, const std::vector<std::string>& headers,
                                 int times);

// Of one request; none: a fresh connection makes no difference worth a line (a fifth, and 2 ms).
std::optional<Finding> FreshConnectionFinding(const std::string& path, const FreshConnection& fresh,
                                              double kept_ms, double kept_first_byte_ms);

void CollectFreshConnections(const std::string& image_url, const std::vector<std::string>& headers,
                             const std::atomic<bool>* stop, Observed& observed);

}  // namespace iiifbench
