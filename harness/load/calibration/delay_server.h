// delay_server: a server whose answer times are known: every request is held for a stated delay.
// For calibration.
//
// HTTP/1.1 with keep-alive on 127.0.0.1; any GET is answered 200 with a body of given size in one
// write, `delay` after its last byte was read (clock_nanosleep, timer slack 1 us); "/now" at once.
// It measures how long it really held each request, so that a late wake-up of its own is not
// counted against the client. Threads: one per connection. Errors: kIo.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "kernels/image/result.h"

namespace iiifbench {

class DelayServer {
 public:
  static Result<std::unique_ptr<DelayServer>> Start(std::chrono::nanoseconds delay,
                                                    size_t body_bytes);
  ~DelayServer();
  int port() const;
  // Milliseconds from reading to just before writing, of all held requests since the last call.
  std::vector<double> TakeHeldMs();

 private:
  struct State;
  explicit DelayServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace iiifbench
