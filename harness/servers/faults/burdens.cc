#include "harness/servers/faults/burdens.h"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

extern char** environ;

namespace iiifbench {
namespace {

std::chrono::nanoseconds ThreadTime() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

// Kept threads, as a decoder's pool: threads that end take their times out of /proc.
class Pool {
 public:
  explicit Pool(int size) {
    for (int i = 0; i < size; ++i) threads_.emplace_back([this] { Run(); });
  }
  ~Pool() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
  }
  void Burn(std::chrono::nanoseconds time) {
    std::unique_lock lock(mutex_);
    time_ = time;
    busy_ = static_cast<int>(threads_.size());
    ++round_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return busy_ == 0; });
  }

 private:
  void Run() {
    int64_t seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return ended_ || round_ != seen; });
      if (ended_) return;
      seen = round_;
      const auto time = time_;
      lock.unlock();
      const auto end = ThreadTime() + time;
      while (ThreadTime() < end) {
      }
      lock.lock();
      if (--busy_ == 0) changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::chrono::nanoseconds time_{};
  int busy_ = 0;
  int64_t round_ = 0;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

void Work(std::chrono::nanoseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

Result<std::string> CopyBySubprocess(const std::string& file) {
  static std::atomic<int> number{0};
  const std::filesystem::path from = file;
  const std::string to =
      std::filesystem::temp_directory_path() /
      fmt::format("iiifbench-copy-{}-{}{}", ::getpid(), ++number, from.extension().string());
  const char* argv[] = {"cp", "--reflink=never", "--", file.c_str(), to.c_str(), nullptr};
  pid_t child = -1;
  const int failed =
      ::posix_spawnp(&child, "cp", nullptr, nullptr, const_cast<char* const*>(argv), environ);
  if (failed != 0) return Fail(ErrorKind::kIo, "cannot start cp: {}", std::strerror(failed));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Fail(ErrorKind::kIo, "cp {} {} failed", file, to);
  return to;
}

void TouchNewMemory(double megabytes) {
  const auto bytes = static_cast<size_t>(megabytes * 1e6);
  if (bytes == 0) return;
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  // Huge pages would take the faults away that are wanted.
  ::madvise(memory, bytes, MADV_NOHUGEPAGE);
  for (size_t at = 0; at < bytes; at += 4096) static_cast<volatile char*>(memory)[at] = 1;
  ::munmap(memory, bytes);
}

void BurnOnThreads(int threads, std::chrono::nanoseconds time) {
  static std::mutex one_at_a_time;
  static std::unique_ptr<Pool> pool;
  static int size = 0;
  const std::lock_guard lock(one_at_a_time);
  if (!pool || size != threads) {
    pool = std::make_unique<Pool>(threads);
    size = threads;
  }
  pool->Burn(time);
}

}  // namespace iiifbench
