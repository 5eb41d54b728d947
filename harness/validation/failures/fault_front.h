// fault_front: a server before a server, whose answers are right until it has given `after`
// pictures, and then broken in one way. Metadata stays right.
//
// Errors: kIo when it cannot listen. Threads: those of its HTTP server; the destructor ends them.
#pragma once

#include <memory>

#include "kernels/image/result.h"

namespace iiifbench {

enum class Fault {
  kCut,        // the connection is closed in the middle of a body
  kTruncated,  // whole by HTTP, but half a picture
  kHang,       // no answer
  kHtml,       // status 200, and a page to log in
};

class FaultFront {
 public:
  static Result<std::unique_ptr<FaultFront>> Start(int server_port, Fault fault, int after);
  ~FaultFront();
  int port() const;

 private:
  struct State;
  explicit FaultFront(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace iiifbench
