// answer_cache: answers by what was asked, whole, as a derivative cache keeps them: for
// experiments.
//
// Memory: at most `kMostBytes`; what came first goes first. Threads: all functions from any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace iiifbench {

class AnswerCache {
 public:
  static constexpr size_t kMostBytes = size_t{512} << 20;
  struct Kept {
    std::string content_type, body;
  };
  std::optional<Kept> Find(const std::string& asked);
  void Put(const std::string& asked, const Kept& answer);

 private:
  std::mutex mutex_;
  std::map<std::string, Kept> answers_;
  std::deque<std::string> order_;
  size_t bytes_ = 0;
};

}  // namespace iiifbench
