#include "harness/doctor/storage_checks.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBytes = 1 << 20;

Check Disk(const std::string& folder) {
  std::error_code error;
  const auto space = fs::space(folder, error);
  if (error)
    return {.id = "disk",
            .grade = Grade::kBad,
            .found = fmt::format("{}: {}", folder, error.message()),
            .remedy = "name a folder that is there: --folder"};
  const double gigabytes = static_cast<double>(space.available) / 1e9;
  const std::string found = fmt::format("{:.1f} GB free in {}", gigabytes, folder);
  if (gigabytes >= 5) return {.id = "disk", .grade = Grade::kGood, .found = found};
  return {.id = "disk",
          .grade = gigabytes >= 1 ? Grade::kDoubtful : Grade::kBad,
          .found = found,
          .remedy = "the whole corpus takes 3 GB: free some, or use --small"};
}

// Pages of a file that are in memory, of all; -1: not told.
double Resident(int descriptor) {
  void* at = ::mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, descriptor, 0);
  if (at == MAP_FAILED) return -1;
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages(kBytes / page);
  const int status = ::mincore(at, kBytes, pages.data());
  ::munmap(at, kBytes);
  if (status != 0) return -1;
  double in = 0;
  for (const unsigned char p : pages) in += p & 1;
  return in / static_cast<double>(pages.size());
}

Check PageCache(const std::string& folder) {
  std::string path = (fs::path(folder) / "iiifbench-doctor-XXXXXX").string();
  const int descriptor = ::mkstemp(path.data());
  if (descriptor < 0)
    return {.id = "page-cache",
            .grade = Grade::kBad,
            .found = fmt::format("{}: cannot write here: {}", folder, std::strerror(errno)),
            .remedy = "name a folder that can be written: --folder"};
  ::unlink(path.c_str());
  const std::string bytes(kBytes, 'x');
  const bool written = ::write(descriptor, bytes.data(), kBytes) == static_cast<ssize_t>(kBytes) &&
                       ::fsync(descriptor) == 0;
  if (!written) {
    const std::string why = std::strerror(errno);
    ::close(descriptor);
    return {.id = "page-cache",
            .grade = Grade::kBad,
            .found = fmt::format("{}: cannot write 1 MB: {}", folder, why),
            .remedy = "free some room there"};
  }
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  const double resident = Resident(descriptor);
  ::close(descriptor);
  if (resident < 0) return {.id = "page-cache", .found = "the system does not say"};
  if (resident < 0.1)
    return {.id = "page-cache", .grade = Grade::kGood, .found = "can be emptied for a cold pass"};
  return {
      .id = "page-cache",
      .grade = Grade::kDoubtful,
      .found = fmt::format("{:.0f} % of a file stay in memory when told to leave", 100 * resident),
      .remedy = "put sources on a disk's file system; cold passes are left out here"};
}

}  // namespace

std::vector<Check> StorageChecks(const std::string& folder) {
  return {Disk(folder), PageCache(folder)};
}

}  // namespace iiifbench
