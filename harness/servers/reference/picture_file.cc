#include "harness/servers/reference/picture_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <utility>

namespace iiifbench {
namespace {

// std::function wants what it holds to be copied: the descriptor is shared by the copies.
struct OpenDescriptor {
  explicit OpenDescriptor(int d) : descriptor(d) {}
  ~OpenDescriptor() { ::close(descriptor); }
  OpenDescriptor(const OpenDescriptor&) = delete;
  OpenDescriptor& operator=(const OpenDescriptor&) = delete;
  const int descriptor;
};

std::string InProc(int descriptor) { return fmt::format("/proc/self/fd/{}", descriptor); }

// Where an open file lies; empty when the kernel does not say.
std::string PlaceOf(int descriptor) {
  char place[PATH_MAX];
  const ssize_t length = ::readlink(InProc(descriptor).c_str(), place, sizeof place);
  return length > 0 && length < PATH_MAX ? std::string(place, static_cast<size_t>(length)) : "";
}

Error Absent(const std::string& identifier) {
  return Fail(ErrorKind::kNotFound, "identifier '{}': no such image", identifier);
}

}  // namespace

Result<void> CheckIdentifier(const std::string& identifier) {
  const bool control = std::ranges::any_of(
      identifier, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (identifier.empty() || identifier.find_first_of("/\\") != std::string::npos ||
      identifier.front() == '.' || control || identifier.size() > NAME_MAX) {
    return Fail(ErrorKind::kBadRequest,
                "identifier '{}': the name of a file in the image folder is expected", identifier);
  }
  return {};
}

Result<std::unique_ptr<Source>> SourceOver(int descriptor, const std::string& name,
                                           std::function<bool()> wanted) {
  const auto file = std::make_shared<OpenDescriptor>(descriptor);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
    return Fail(ErrorKind::kIo, "{}: not a regular file", name);
  return Source::Over(status.st_size, name,
                      [file, name, wanted = std::move(wanted)](
                          int64_t offset, std::span<uint8_t> into) -> Result<size_t> {
                        if (wanted && !wanted())
                          return Fail(ErrorKind::kIo, "{}: reading was given up", name);
                        for (;;) {
                          const ssize_t got =
                              ::pread(file->descriptor, into.data(), into.size(), offset);
                          if (got >= 0) return static_cast<size_t>(got);
                          if (errno != EINTR)
                            return Fail(ErrorKind::kIo, "{}: read at offset {}: {}", name, offset,
                                        std::strerror(errno));
                        }
                      });
}

Result<PictureFolder> PictureFolder::Open(const std::string& folder) {
  std::error_code error;
  const std::string path = std::filesystem::canonical(folder, error);
  const int descriptor = error ? -1 : ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return Fail(ErrorKind::kNotFound, "{}: not a folder of images", folder);
  return PictureFolder(descriptor, path);
}

PictureFolder::PictureFolder(PictureFolder&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

PictureFolder::~PictureFolder() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::unique_ptr<Source>> PictureFolder::OpenPicture(const std::string& identifier,
                                                           std::function<bool()> wanted) const {
  auto named = CheckIdentifier(identifier);
  if (!named) return named.error();
  const int found = ::openat(descriptor_, identifier.c_str(), O_PATH | O_CLOEXEC);
  if (found < 0) {
    if (errno == EMFILE || errno == ENFILE || errno == EACCES)
      return Fail(ErrorKind::kIo, "identifier '{}': {}", identifier, std::strerror(errno));
    return Absent(identifier);
  }
  const OpenDescriptor close_later(found);
  struct stat status {};
  if (::fstat(found, &status) != 0 || !S_ISREG(status.st_mode)) return Absent(identifier);
  const std::string place = PlaceOf(found);
  if (!place.starts_with(path_ == "/" ? path_ : path_ + "/")) return Absent(identifier);
  // The very file that was looked at, whatever its name means by now.
  const int opened = ::open(InProc(found).c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (opened < 0)
    return Fail(ErrorKind::kIo, "identifier '{}': {}", identifier, std::strerror(errno));
  return SourceOver(opened, identifier, std::move(wanted));
}

}  // namespace iiifbench
