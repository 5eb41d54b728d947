#include "data/work_folder.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace iiifbench {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

WorkFolder WorkFolderOf(const std::string& program, const std::string& home,
                        const std::string& cache) {
  if (std::filesystem::path(program).parent_path() == IIIFBENCH_BIN_FOLDER)
    return {.corpus = IIIFBENCH_SOURCE_FOLDER "/build/corpus",
            .results = IIIFBENCH_SOURCE_FOLDER "/results"};
  WorkFolder out{.corpus = "iiifbench/corpus", .results = "results"};
  // The standard of base directories wants an absolute path and has a relative one ignored.
  if (cache.starts_with('/')) {
    out.corpus = cache + "/" + out.corpus;
  } else if (!home.empty()) {
    out.corpus = home + "/.cache/" + out.corpus;
  }
  return out;
}

WorkFolder WorkFolderHere() {
  std::error_code error;
  return WorkFolderOf(std::filesystem::read_symlink("/proc/self/exe", error), Environment("HOME"),
                      Environment("XDG_CACHE_HOME"));
}

}  // namespace iiifbench
