// odd_front: a gateway before a server that answers rightly and in a way that misleads: paced to a
// rate, from one of two unequal back ends, delayed as by Nagle's algorithm, or as if from a cache.
//
// The delays are made by sleeping, so that they are known. Errors: kIo when it cannot listen.
// Threads: those of the HTTP server.
#pragma once

#include <memory>

#include "kernels/image/result.h"

namespace iiifbench {

enum class Oddity {
  kPaced,                // at least 120 ms from one answer to the next, info.json too
  kTwoBackEnds,          // every other picture, by chance, takes 2.5 times as long
  kDelayedAcknowledged,  // 40 ms more on a connection after its first answer
  kWarmCache,            // answers say that a cache gave them
};

class OddFront {
 public:
  static Result<std::unique_ptr<OddFront>> Start(int server_port, Oddity oddity);
  ~OddFront();
  int port() const;

 private:
  struct State;
  explicit OddFront(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace iiifbench
