#include "kernels/image/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace iiifbench {

Result<void> ForEachPiece(int pieces, int threads, const std::function<Result<void>(int piece)>& work) {
  threads = std::min(threads, pieces);
  if (threads <= 1) {
    for (int piece = 0; piece < pieces; ++piece) {
      auto done = work(piece);
      if (!done) return done;
    }
    return {};
  }
  std::atomic<int> next{0};
  std::mutex mutex;
  Result<void> result;
  auto worker = [&] {
    for (int piece = next++; piece < pieces; piece = next++) {
      auto done = work(piece);
      if (done) continue;
      const std::lock_guard lock(mutex);
      if (result.ok()) result = done;
      next = pieces;
    }
  };
  std::vector<std::thread> others;
  others.reserve(static_cast<size_t>(threads - 1));
  for (int t = 1; t < threads; ++t) others.emplace_back(worker);
  worker();
  for (auto& other : others) other.join();
  return result;
}

}  // namespace iiifbench
