// failure_kind: the name of what went wrong with a request, by which failures are counted:
// "connection refused", "connection reset", "closed without an answer", "cut off" (closed in
// mid-answer), "timed out", "timed out in mid-answer", "longer than 256 MB" (given up: it may never
// end), "no TLS handshake", "status 502", "text/html that is no picture", "a picture without its
// end" (whole by HTTP, cut in fact). What is none of these and not right is a wrong picture, which
// only a comparison can tell.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/http/client.h"

namespace iiifbench {

// Of a transfer of which so much of the body came; empty: it came whole.
std::string TransferFailure(CURLcode code, size_t body_bytes);

// Of an answer's outside: status, type, first and last bytes of what `path` asks for; empty: it
// looks right.
std::string OutsideFailure(long status, std::string_view content_type, std::string_view path,
                           const std::vector<uint8_t>& body);

// Of both.
std::string FailureOf(const Exchange& exchange);

}  // namespace iiifbench
