// interrupt: Ctrl-C, SIGTERM and a terminal that closes let a command end what it is at, so that
// what was measured is kept.
#pragma once

#include <signal.h>

#include <atomic>

namespace iiifbench {

inline std::atomic<bool> interrupted{false};

inline void StopWhenInterrupted() {
  for (const int which : {SIGINT, SIGTERM, SIGHUP})
    ::signal(which, [](int) { interrupted = true; });
}

}  // namespace iiifbench
