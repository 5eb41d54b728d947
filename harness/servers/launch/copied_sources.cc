#include "harness/servers/launch/copied_sources.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>

namespace iiifbench {

namespace fs = std::filesystem;

Result<CopiedSources> CopiedSources::Make(const std::vector<std::string>& sources) {
  static std::atomic<int> made{0};
  std::error_code error;
  const fs::path temporary = fs::temp_directory_path(error);
  if (error) return Fail(ErrorKind::kIo, "no folder for temporary files: {}", error.message());
  CopiedSources out(temporary / fmt::format("iiifbench-sources-{}-{}", ::getpid(), made++));
  fs::create_directories(out.images(), error);
  if (error)
    return Fail(ErrorKind::kIo, "{}: cannot be made: {}; set TMPDIR", out.images(),
                error.message());
  for (const std::string& source : sources) {
    const std::string copy = out.images() + "/" + fs::path(source).filename().string();
    fs::copy_file(source, copy, error);
    if (error)
      return Fail(ErrorKind::kIo, "{}: cannot copy {}: {}; set TMPDIR to where there is room", copy,
                  source, error.message());
    out.files_.push_back(copy);
  }
  return out;
}

CopiedSources::CopiedSources(CopiedSources&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), files_(std::move(other.files_)) {}

CopiedSources::~CopiedSources() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

}  // namespace iiifbench
