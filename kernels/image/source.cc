#include "kernels/image/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace iiifbench {

Result<std::unique_ptr<Source>> Source::Open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return Fail(errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kIo, "{}: cannot open: {}",
                path, std::strerror(errno));
  }
  std::unique_ptr<Source> source(new Source);
  source->descriptor_ = descriptor;
  source->name_ = path;
  struct stat status {};
  if (::fstat(descriptor, &status) != 0)
    return Fail(ErrorKind::kIo, "{}: cannot stat: {}", path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return Fail(ErrorKind::kIo, "{}: not a regular file", path);
  source->size_ = status.st_size;
  return source;
}

std::unique_ptr<Source> Source::Borrow(std::span<const uint8_t> bytes, std::string name) {
  std::unique_ptr<Source> source(new Source);
  source->memory_ = bytes;
  source->size_ = static_cast<int64_t>(bytes.size());
  source->name_ = std::move(name);
  return source;
}

std::unique_ptr<Source> Source::Over(int64_t size, std::string name, Reader read) {
  std::unique_ptr<Source> source(new Source);
  source->size_ = size;
  source->name_ = std::move(name);
  source->read_ = std::move(read);
  return source;
}

Source::~Source() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<size_t> Source::ReadSome(int64_t offset, std::span<uint8_t> into) {
  if (offset < 0 || offset > size_) {
    return Fail(ErrorKind::kBadInput, "{}: read of {} bytes at offset {} is outside its {} bytes",
                name_, into.size(), offset, size_);
  }
  const size_t wanted = std::min<size_t>(into.size(), static_cast<size_t>(size_ - offset));
  if (descriptor_ < 0 && !read_) {
    // Nothing may point nowhere, which memcpy does not take.
    if (wanted > 0) std::memcpy(into.data(), memory_.data() + offset, wanted);
    bytes_read_ += static_cast<int64_t>(wanted);
    return wanted;
  }
  const auto start = std::chrono::steady_clock::now();
  size_t done = 0;
  while (read_ && done < wanted) {
    auto got = read_(offset + static_cast<int64_t>(done), into.subspan(done, wanted - done));
    if (!got) return got.error();
    if (*got == 0) break;
    done += *got;
  }
  while (!read_ && done < wanted) {
    const ssize_t n = ::pread(descriptor_, into.data() + done, wanted - done,
                              offset + static_cast<int64_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      return Fail(ErrorKind::kIo, "{}: read at offset {}: {}", name_, offset, std::strerror(errno));
    if (n == 0) break;  // the file shrank while it was open
    done += static_cast<size_t>(n);
  }
  read_nanoseconds_ += std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count();
  bytes_read_ += static_cast<int64_t>(done);
  return done;
}

Result<void> Source::ReadAt(int64_t offset, std::span<uint8_t> into) {
  auto got = ReadSome(offset, into);
  if (!got) return got.error();
  if (*got != into.size()) {
    return Fail(ErrorKind::kBadInput,
                "{}: file ends at byte {}, {} bytes at offset {} were expected", name_, size_,
                into.size(), offset);
  }
  return {};
}

Result<std::span<const uint8_t>> Source::ReadAll() {
  if (descriptor_ < 0 && !read_) return memory_;
  if (whole_.empty() && size_ > 0) {
    whole_.resize(static_cast<size_t>(size_));
    auto read = ReadAt(0, whole_);
    if (!read) return read.error();
  }
  return std::span<const uint8_t>(whole_);
}

}  // namespace iiifbench
