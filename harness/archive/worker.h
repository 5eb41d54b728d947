// worker: work on files in a process of its own, so that a decoder that crashes or hangs is a row
// with the reason, and not the end of a profile of millions of files.
//
// A task and its answer are one JSON value each. A worker that dies or takes longer than `timeout`
// is ended and replaced; the answer is then {"damage": reason, "kind": "crashed" | "timed out"}.
// `work` runs in the child; it must not write to standard output. The child ends with its parent,
// whatever ends that. Memory: one task and its answer. Errors: kIo, when no process can be started.
// Threads: the parent has none when it calls Start or Do, since it forks.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "kernels/image/result.h"

namespace iiifbench {

using Row = nlohmann::ordered_json;

class Worker {
 public:
  using Work = std::function<Row(const Row& task)>;
  Worker(Work work, std::chrono::milliseconds timeout)
      : work_(std::move(work)), timeout_(timeout) {}
  ~Worker() { End(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  Result<Row> Do(const Row& task);

 private:
  Result<void> Start();
  void End();
  std::string HowItDied();

  Work work_;
  std::chrono::milliseconds timeout_;
  pid_t child_ = -1;
  int socket_ = -1;
  std::string received_;
};

}  // namespace iiifbench
