// half_close: a round trip that holds no work of the server: a connection on which nothing is sent
// but its end, which the other side answers by ending it too.
//
// Standard: RFC 9293, 3.6. A relay that accepts for the server hides the round trip of connect(),
// and the end then waits for it: connect and end together are two round trips either way. Not all
// servers close at once (a poll, a worker that is busy), so it is an upper bound. Units:
// milliseconds. Errors: none; nothing where there is no connection or no end within `limit`.
#pragma once

#include <optional>
#include <string>

namespace iiifbench {

std::optional<double> HalfCloseRoundTripMs(const std::string& url, double limit_ms);

}  // namespace iiifbench
