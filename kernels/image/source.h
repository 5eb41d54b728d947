// Source: the bytes of one image file, read where they are asked for and accounted as the stage
// "read".
//
// A file is read with pread, never mapped: a page fault inside a decoder would count as decode, and
// a gigapixel file must not have to fit in memory. Bytes in memory are served without a copy.
// Units: bytes, nanoseconds. Errors: kNotFound or kIo with the path; a read beyond the end names
// offset and size. Threads: read_at may be called from several threads at once; the counters are
// then sums over threads.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/image/result.h"

namespace iiifbench {

class Source {
 public:
  static Result<std::unique_ptr<Source>> Open(const std::string& path);
  // Borrows `bytes`; they must outlive the source. `name` stands in messages.
  static std::unique_ptr<Source> Borrow(std::span<const uint8_t> bytes, std::string name);
  // Reads by `read`, which puts up to into.size() bytes at `offset` there and says how many; for
  // files that lie elsewhere. It must be as thread-safe as the caller needs.
  using Reader = std::function<Result<size_t>(int64_t offset, std::span<uint8_t> into)>;
  static std::unique_ptr<Source> Over(int64_t size, std::string name, Reader read);
  ~Source();
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  const std::string& name() const { return name_; }
  int64_t size() const { return size_; }
  // Reads up to into.size() bytes at `offset`; fewer only at the end of the file.
  Result<size_t> ReadSome(int64_t offset, std::span<uint8_t> into);
  // Reads exactly into.size() bytes or fails.
  Result<void> ReadAt(int64_t offset, std::span<uint8_t> into);
  // The whole content; a view of the borrowed bytes, or one read into a buffer that this object
  // keeps (not thread-safe).
  Result<std::span<const uint8_t>> ReadAll();
  // The borrowed bytes, or an empty span for a file.
  std::span<const uint8_t> in_memory() const { return memory_; }

  // What reading has cost so far.
  std::chrono::nanoseconds read_time() const {
    return std::chrono::nanoseconds(read_nanoseconds_.load());
  }
  int64_t bytes_read() const { return bytes_read_.load(); }

 private:
  Source() = default;
  std::string name_;
  int64_t size_ = 0;
  int descriptor_ = -1;
  Reader read_;
  std::span<const uint8_t> memory_;
  std::vector<uint8_t> whole_;
  std::atomic<int64_t> read_nanoseconds_{0};
  std::atomic<int64_t> bytes_read_{0};
};

}  // namespace iiifbench
