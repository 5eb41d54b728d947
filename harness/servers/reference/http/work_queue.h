// work_queue: the slots of a lane and those who wait for one, first come first served, never more
// than `waiting`.
//
// Threads: all functions from any thread.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

namespace iiifbench::http {

class Connection;

class WorkQueue {
 public:
  enum class Entry { kGo, kWaits, kFull };
  WorkQueue(int slots, int waiting) : free_(slots), limit_(static_cast<size_t>(waiting)) {}
  // kGo: the caller has a slot. kWaits: a later Leave hands one on.
  Entry Enter(const std::shared_ptr<Connection>& connection);
  // Gives the slot to the one that has waited longest, which is returned, or back.
  std::shared_ptr<Connection> Leave();
  void Remove(const Connection* connection);

 private:
  std::mutex mutex_;
  int free_;
  const size_t limit_;
  std::deque<std::shared_ptr<Connection>> waiting_;
};

}  // namespace iiifbench::http
