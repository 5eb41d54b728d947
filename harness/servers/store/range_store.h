// range_store: a folder of sources behind HTTP with ranges, as an object store is: lighttpd, which
// keeps its own log of how long each request took it.
//
// Layout: with a delay or a rate there are two listeners of one lighttpd, the gateway that the
// server talks to and the files, with a link between them (link_proxy), so that the slowness is the
// store's own and stands in its log: each request of the gateway opens a connection, two round
// trips. Log: lighttpd's mod_accesslog, %D = microseconds from the request's header to the last
// byte handed to the kernel; X-Request-Id of the tap tells which request. It is written when the
// store ends. Errors: kNotFound names the package, kIo with the last lines of what lighttpd said.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "harness/http/link_proxy.h"
#include "harness/servers/server.h"

namespace iiifbench {

struct RangeStoreOptions {
  std::string folder;      // what it serves
  std::string run_folder;  // configuration and log; made when absent
  std::chrono::nanoseconds one_way_delay{};
  int64_t bytes_per_second = 0;  // 0: unlimited
};

struct StoreLogLine {
  int64_t id = -1;  // of the tap; -1: not through it
  double ms = 0;
  int status = 0;
  int64_t bytes = 0;
};

class RangeStore {
 public:
  static Result<std::unique_ptr<RangeStore>> Start(const RangeStoreOptions& options);
  int port() const { return port_; }
  std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }
  Result<void> Check() { return running_->Check(); }
  // Ends the store and reads its log.
  Result<std::vector<StoreLogLine>> EndAndReadLog();

 private:
  RangeStore() = default;
  int port_ = 0;
  std::string log_;
  std::unique_ptr<LinkProxy> link_;
  std::unique_ptr<RunningServer> running_;
};

std::vector<StoreLogLine> ParseStoreLog(std::string_view text);

}  // namespace iiifbench
