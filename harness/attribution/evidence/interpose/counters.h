// counters: what the preloaded library writes and the harness reads: one file per process, mapped
// by both.
//
// Layout of the file <process id>.counters in the folder that IIIFBENCH_INTERPOSE names: this
// structure. Forked children count into their parent's file. Units: nanoseconds of the monotonic
// clock. Threads: any number.
#pragma once

#include <atomic>
#include <cstdint>

namespace iiifbench {

struct InterposeCounters {
  struct Stage {
    std::atomic<uint64_t> nanoseconds, calls;
  };
  Stage decode, encode;
  Stage between;  // two calls of one decode of libjpeg's: what the program does with the rows
};
static_assert(std::atomic<uint64_t>::is_always_lock_free, "shared between processes");

}  // namespace iiifbench
