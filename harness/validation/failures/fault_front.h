// fault_front: a server before a server, whose answers are right until it has given `after`
// pictures, and then broken in one way. Metadata stays right where there is a server at all.
//
// By sockets, since no library answers so wrongly. With kTls `server_port` speaks TLS, its bytes
// are passed on, and `after` counts what clients have sent; or it begins so many seconds after the
// first of them. Errors: kIo when it cannot listen.
// Threads: one a connection; the destructor ends them.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "kernels/image/result.h"

namespace iiifbench {

enum class Fault {
  kRefused,       // nobody listens any more
  kReset,         // the connection is reset in the middle of a body
  kCut,           // the connection is closed in the middle of a body
  kTruncated,     // whole by HTTP, but half a picture
  kEndless,       // a body that does not end, as fast as it is read
  kSlow,          // a byte a second
  kStatus500,     // an error page
  kHtml,          // status 200, and a page to log in
  kWrongPicture,  // of the right size, upside down
  kRedirect,      // to itself
  kTls,           // no handshake any more
  kHang,          // no answer
  kDeath,         // nobody listens for a second; then all is right again
};

class FaultFront {
 public:
  // Pictures whose path holds `uncounted` do not count towards `after`; empty: all do. `seconds`:
  // of kTls, instead of `after`; 0: not.
  static Result<std::unique_ptr<FaultFront>> Start(int server_port, Fault fault, int after,
                                                   const std::string& uncounted = {},
                                                   double seconds = 0);
  ~FaultFront();
  int port() const;
  // When each answer was given so far.
  std::vector<std::chrono::steady_clock::time_point> AnswerTimes() const;

 private:
  struct State;
  explicit FaultFront(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace iiifbench
