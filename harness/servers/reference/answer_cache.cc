#include "harness/servers/reference/answer_cache.h"

namespace iiifbench {
namespace {

size_t BytesOf(const std::string& asked, const AnswerCache::Kept& kept) {
  return 2 * asked.size() + kept.content_type.size() + kept.body.size();
}

}  // namespace

std::optional<AnswerCache::Kept> AnswerCache::Find(const std::string& asked) {
  const std::lock_guard lock(mutex_);
  const auto found = answers_.find(asked);
  if (found == answers_.end()) return std::nullopt;
  return found->second;
}

void AnswerCache::Put(const std::string& asked, const Kept& answer) {
  const size_t bytes = BytesOf(asked, answer);
  const std::lock_guard lock(mutex_);
  if (bytes > kMostBytes || !answers_.emplace(asked, answer).second) return;
  order_.push_back(asked);
  bytes_ += bytes;
  while (bytes_ > kMostBytes) {
    const auto first = answers_.find(order_.front());
    bytes_ -= BytesOf(first->first, first->second);
    answers_.erase(first);
    order_.pop_front();
  }
}

}  // namespace iiifbench
