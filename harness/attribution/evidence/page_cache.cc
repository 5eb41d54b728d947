#include "harness/attribution/evidence/page_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/http/address.h"
#include "harness/http/client.h"
#include "harness/stats/milliseconds.h"
#include "harness/stats/quantile.h"

namespace iiifbench {
namespace {

struct File {
  int descriptor = -1;
  int64_t size = 0;
  explicit File(const std::string& path) : descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status {};
    if (descriptor >= 0 && ::fstat(descriptor, &status) == 0) size = status.st_size;
  }
  ~File() {
    if (descriptor >= 0) ::close(descriptor);
  }
};

bool OnThisMachine(const std::string& url) {
  const size_t host = url.find("://");
  return host != std::string::npos &&
         (url.compare(host + 3, 4, "127.") == 0 || url.compare(host + 3, 9, "localhost") == 0);
}

// What first answers of the page took over the later ones of the same request.
void FirstAnswers(Observed& observed) {
  std::vector<double> more;
  for (const Case& c : observed.cases) {
    if (c.probe.info || c.probe.image != 0 || c.samples_ms.size() < 3) continue;
    more.push_back(c.samples_ms.front() - Median(std::span(c.samples_ms).subspan(1)));
  }
  if (observed.resident_at_start < 0 || observed.resident_at_start > 0.5) return;
  observed.findings.push_back(
      {"cold-at-start",
       fmt::format("cold at the beginning: {:.0f} % of the source was in the page cache{}; the "
                   "medians are of a "
                   "warm one",
                   100 * observed.resident_at_start,
                   more.empty() ? std::string()
                                : fmt::format(", and first answers took {:+.1f} ms at the 90th "
                                              "percentile against later ones",
                                              Quantile(more, 0.9)))});
}

}  // namespace

Result<double> PageCacheShare(const std::string& file) {
  const File open(file);
  if (open.descriptor < 0 || open.size == 0)
    return Fail(ErrorKind::kIo, "{}: cannot be read: {}", file, std::strerror(errno));
  void* memory =
      ::mmap(nullptr, static_cast<size_t>(open.size), PROT_READ, MAP_SHARED, open.descriptor, 0);
  if (memory == MAP_FAILED) return Fail(ErrorKind::kIo, "{}: mmap: {}", file, std::strerror(errno));
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> resident((static_cast<size_t>(open.size) + page - 1) / page);
  const int failed = ::mincore(memory, static_cast<size_t>(open.size), resident.data());
  const int error = errno;
  ::munmap(memory, static_cast<size_t>(open.size));
  if (failed != 0) return Fail(ErrorKind::kIo, "{}: mincore: {}", file, std::strerror(error));
  const auto in = std::ranges::count_if(resident, [](unsigned char r) { return (r & 1) != 0; });
  return static_cast<double>(in) / static_cast<double>(resident.size());
}

Result<void> EvictFromPageCache(const std::string& file) {
  const File open(file);
  if (open.descriptor < 0)
    return Fail(ErrorKind::kIo, "{}: cannot be read: {}", file, std::strerror(errno));
  ::fdatasync(open.descriptor);  // dirty pages stay
  const int failed = ::posix_fadvise(open.descriptor, 0, 0, POSIX_FADV_DONTNEED);
  if (failed != 0)
    return Fail(ErrorKind::kIo, "{}: posix_fadvise: {}", file, std::strerror(failed));
  return {};
}

void CollectColdPass(const ColdOptions& options, Observed& observed) {
  if (!OnThisMachine(options.url)) return;
  FirstAnswers(observed);
  Client client({.headers = options.headers});
  std::string largest;
  double largest_more = 0;
  for (const Case& c : observed.cases) {
    if (!c.held_out || c.samples_ms.empty()) continue;
    const double warm = Median(c.samples_ms);
    std::vector<double> cold;
    for (int i = 0; i < (warm > 300 ? 1 : options.times); ++i) {
      if (options.stop != nullptr && options.stop->load()) return;
      auto evicted = EvictFromPageCache(options.source);
      auto left = evicted ? PageCacheShare(options.source) : Result<double>(evicted.error());
      if (!left || *left > 0.1) {
        observed.findings.push_back(
            {"no-cold-pass",
             fmt::format(
                 "no cold pass: {}",
                 !left ? left.error().message
                       : fmt::format("{:.0f} % of the source stays in the page cache: a server "
                                     "maps it, or the file system is memory",
                                     100 * *left))});
        return;
      }
      const Exchange exchange = client.Get(Below(options.url, c.probe.path));
      if (exchange.status != 200 || !exchange.error.empty()) break;
      cold.push_back(MsOf(exchange.latency()));
    }
    if (cold.empty()) continue;
    const double total = Median(cold), more = total - warm;
    observed.methods[c.probe.path]["cold"] = {{OtherPart::kTotal, {total}},
                                              {Stage::kRead, {std::max(0.0, more)}}};
    if (more < std::max(0.3, 0.15 * warm) || more < largest_more) continue;
    largest_more = more;
    largest = fmt::format(
        "with the source out of the page cache {} takes {:.1f} ms instead of {:.1f}: {:.1f} ms of "
        "storage, "
        "which "
        "the stages of a warm cache do not hold",
        c.probe.path, total, warm, more);
  }
  if (!largest.empty()) observed.findings.push_back({"storage-when-cold", largest});
}

}  // namespace iiifbench
