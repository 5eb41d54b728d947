// store_tap: a relay between an image server and the HTTP store of its sources, which notes each
// request: what range, how many bytes, when, how long.
//
// Standard: HTTP/1.1 without upgrades (RFC 9112); GET and HEAD; answers by Content-Length, chunked
// or until close. Each request gets the header X-Request-Id, so that the store's log can be laid
// beside. Instants: start = the request's header was here whole, first_byte and end = of the
// store's answer, end before the last piece is passed on: what the server waits for, less a send on
// loopback. An optional link (link_proxy) with delay and rate lies between tap and store. Units:
// bytes, instants of the steady clock. Errors: kIo when it cannot listen; a store that refuses or
// cuts is a read with status 0 or cut, and the connection ends. Threads: one per connection; Take
// and Start from any.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/http/link_proxy.h"

namespace iiifbench {

struct StoreRead {
  int64_t id = 0;
  std::string method, path;
  int64_t offset = 0, length = -1;  // as asked; -1: to the end
  int status = 0;
  int64_t bytes = 0;  // of the body
  bool cut = false;
  std::chrono::steady_clock::time_point start, first_byte, end;
};

class StoreTap {
 public:
  // `store.port` is the store's; with a delay or a rate a link is put before it.
  static Result<std::unique_ptr<StoreTap>> Start(const LinkOptions& store);
  ~StoreTap();
  int port() const;
  std::string url() const { return fmt::format("http://127.0.0.1:{}/", port()); }
  // Reads that ended since the last call, in the order of their ends.
  std::vector<StoreRead> Take();

 private:
  struct State;
  explicit StoreTap(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// What the reads between two instants cost whoever waited for them.
struct StoreStall {
  int requests = 0;
  int64_t bytes = 0;
  double stalled_ms = 0;      // at least one read was under way
  double work_ms = 0;         // sum of the reads: more than stalled_ms where they overlap
  double first_bytes_ms = 0;  // of work_ms: until the first byte, which a larger range would save
  int64_t median_bytes = 0;
};
StoreStall StallOf(std::span<const StoreRead> reads, std::chrono::steady_clock::time_point begin,
                   std::chrono::steady_clock::time_point end);

}  // namespace iiifbench
