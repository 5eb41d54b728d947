#include "harness/report/run_folder.h"

#include <ctime>
#include <filesystem>

#include "data/built_from.h"
#include "data/corpus.h"
#include "data/work_folder.h"
#include "harness/report/machine.h"

namespace iiifbench {

Result<std::string> MakeRunFolder(const std::string& given) {
  std::string folder = given;
  if (folder.empty()) {
    char time[32];
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::strftime(time, sizeof time, "%Y%m%dT%H%M%SZ", &utc);
    folder = fmt::format("{}/{}/{}-{}", WorkFolderHere().results, MachineName(), time, BuiltFrom());
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return Fail(ErrorKind::kIo,
                "{}: cannot make the folder for results: {}; choose another by --out", folder,
                error.message());
  const std::string probe = folder + "/.writable";
  auto written = WriteFile(probe, std::span(reinterpret_cast<const uint8_t*>("x"), 1));
  if (!written) return written.error();
  std::filesystem::remove(probe, error);
  return folder;
}

NoEmptyRunFolder::~NoEmptyRunFolder() {
  if (folder_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove(folder_, ignored);  // only an empty one
}

}  // namespace iiifbench
