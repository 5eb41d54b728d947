#include "kernels/image/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#include "kernels/image/guarded.h"
#include "kernels/image/wanted.h"

namespace iiifbench {
namespace {

// One call that would like help.
struct Call {
  const std::function<void()>* worker = nullptr;
  int wanted = 0;   // helpers that may still join
  int running = 0;  // helpers within `worker`
};

class Helpers {
 public:
  ~Helpers() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  // Runs `worker` here and on up to `helpers` other threads; returns when all have left it.
  void Run(const std::function<void()>& worker, int helpers) {
    Call call{.worker = &worker, .wanted = helpers};
    {
      const std::lock_guard lock(mutex_);
      while (threads_.size() < static_cast<size_t>(helpers))
        threads_.emplace_back([this] { Help(); });
      calls_.push_back(&call);
    }
    helpers == 1 ? wake_.notify_one() : wake_.notify_all();
    worker();
    std::unique_lock lock(mutex_);
    std::erase(calls_, &call);  // who has not come yet need not come
    left_.wait(lock, [&] { return call.running == 0; });
  }

 private:
  void Help() {
    std::unique_lock lock(mutex_);
    while (true) {
      Call* call = nullptr;
      wake_.wait(lock, [&] {
        for (Call* waiting : calls_) {
          if (waiting->wanted > 0) call = waiting;
        }
        return call != nullptr || ending_;
      });
      if (call == nullptr) return;
      --call->wanted;
      ++call->running;
      lock.unlock();
      (*call->worker)();
      lock.lock();
      if (--call->running == 0) left_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, left_;
  std::vector<Call*> calls_;
  std::vector<std::thread> threads_;
  bool ending_ = false;
};

Helpers& TheHelpers() {
  static Helpers helpers;
  return helpers;
}

}  // namespace

Result<void> ForEachPiece(int pieces, int threads,
                          const std::function<Result<void>(int piece)>& work) {
  threads = std::min(threads, pieces);
  if (threads <= 1) {
    for (int piece = 0; piece < pieces; ++piece) {
      auto done = WithMemoryErrors([&] { return work(piece); });
      if (!done) return done;
    }
    return {};
  }
  std::atomic<int> next{0};
  std::mutex mutex;
  Result<void> result;
  const std::function<void()> worker = [&] {
    for (int piece = next++; piece < pieces; piece = next++) {
      auto done = WithMemoryErrors([&] { return work(piece); });
      if (done) continue;
      const std::lock_guard lock(mutex);
      if (result.ok()) result = done;
      next = pieces;
    }
  };
  TheHelpers().Run(worker, threads - 1);
  return result;
}

Result<void> ForEachWantedPiece(int pieces, int threads, std::string_view name,
                                const std::function<Result<void>(int piece)>& work) {
  const std::function<bool()>* wanted = WantedOfThisThread();
  if (wanted == nullptr) return ForEachPiece(pieces, threads, work);
  return ForEachPiece(pieces, threads, [&](int piece) -> Result<void> {
    const WantedScope scope(wanted);
    if (!StillWanted()) return GivenUp(name);
    return work(piece);
  });
}

}  // namespace iiifbench
