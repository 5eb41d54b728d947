#include "harness/servers/reference/http/work_queue.h"

#include <algorithm>
#include <utility>

namespace iiifbench::http {

WorkQueue::Entry WorkQueue::Enter(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex_);
  if (free_ > 0) {
    --free_;
    return Entry::kGo;
  }
  if (waiting_.size() >= limit_) return Entry::kFull;
  waiting_.push_back(connection);
  return Entry::kWaits;
}

std::shared_ptr<Connection> WorkQueue::Leave() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    ++free_;
    return nullptr;
  }
  auto next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

void WorkQueue::Remove(const Connection* connection) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::ranges::find_if(waiting_, [&](const auto& one) { return one.get() == connection; });
  if (found != waiting_.end()) waiting_.erase(found);
}

}  // namespace iiifbench::http
