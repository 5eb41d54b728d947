// link_proxy: a link with delay and bandwidth between client and server, without root: a TCP relay
// on 127.0.0.1.
//
// Every piece of bytes is held until the instant at which link_schedule lets it arrive; each
// direction has its own wire, shared by all connections. A fresh connection costs a round trip
// before its first byte passes (charged to the first request, because the kernel accepts on
// loopback at once: a client's own "connect" stays near zero) and slow start unless turned off.
// Memory: at most 4 MiB on the way per connection and direction; then the relay stops reading, and
// TCP holds the sender back. What needs an end-to-end TCP is not modelled: loss inside a
// connection, Nagle's wait for a distant acknowledgement, slow start again after idling.
// Half-closed connections pass on; a reset passes as a reset. Errors: kIo when it cannot listen or
// the host has no address; a server that refuses shows as a reset. Threads: one of its own; Start
// and the destructor from any.
//
//   auto link = LinkProxy::Start({.port = server_port, .one_way_delay = 23ms, .bytes_per_second =
//   12'500'000});
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "kernels/image/result.h"

namespace iiifbench {

struct LinkOptions {
  std::string host = "127.0.0.1";  // of the server behind the link
  int port = 0;
  std::chrono::nanoseconds one_way_delay{};
  int64_t bytes_per_second = 0;  // of each direction; 0: unlimited
  bool slow_start = true;        // RFC 6928 initial window of 10 segments
  // N: each n-th connection is reset after the first piece of its answer; 0: none.
  int drop_connection_every = 0;
};

// Before the server that a URL names: "http://127.0.0.1:8080/iiif/2/page.tif", "http://[::1]/".
// kUnsupported when it is not plain http, whose certificate would not fit; kBadRequest when it has
// no host.
class LinkProxy;
Result<std::unique_ptr<LinkProxy>> LinkBefore(const std::string& url, double one_way_ms,
                                              int64_t bytes_per_second);

class LinkProxy {
 public:
  static Result<std::unique_ptr<LinkProxy>> Start(const LinkOptions& options);
  ~LinkProxy();
  int port() const;
  // `url` with the proxy in place of its host and port.
  std::string Through(const std::string& url) const;
  // The header that keeps the name of the server, which may answer for its name alone: "Host:
  // images.example.org". To be sent with every request through a link of LinkBefore; else empty.
  std::string HostHeader() const;

 private:
  friend Result<std::unique_ptr<LinkProxy>> LinkBefore(const std::string& url, double one_way_ms,
                                                       int64_t bytes_per_second);
  struct State;
  explicit LinkProxy(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace iiifbench
