// message: an HTTP request as the reference server needs it, and the answer to it.
//
// Standard: RFC 9110 and 9112. Only GET, HEAD and OPTIONS arrive here; a request with a body never
// does. Memory: plain strings, whole answers. Threads: plain data.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace iiifbench::http {

struct Request {
  std::string method;  // "GET", "HEAD" or "OPTIONS"
  std::string path;    // as sent, without origin and query: nothing is decoded
  std::string host;    // of the Host field; the listener's own address where there is none
  std::string accept;
};

struct Response {
  int status = 200;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  bool close = false;  // the connection ends after it
};

// A line of text that says what went wrong.
void SetText(Response& response, int status, std::string_view text);
// 503 with Retry-After.
void SetBusy(Response& response, std::string_view why);
// Status line and fields, with the empty line. `keep_alive_1_0`: a client of HTTP/1.0 asked for it.
std::string HeadOf(const Response& response, bool keep_alive_1_0);
// Text from outside as one line of UTF-8: control characters and broken letters as \xNN.
std::string Escaped(std::string_view text);

}  // namespace iiifbench::http
