#include "harness/servers/launch/process_usage.h"
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cerrno>

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "harness/servers/launch/process.h"

namespace iiifbench {
namespace {

// Fields 10 to 13 of /proc/<pid>/stat count after the program's name, which may hold anything.
void AddFaults(int id, ProcessUsage& sum) {
  std::ifstream in(fmt::format("/proc/{}/stat", id));
  std::string line;
  if (!std::getline(in, line)) return;
  const size_t end = line.rfind(')');
  if (end == std::string::npos) return;
  std::istringstream fields(line.substr(end + 1));
  std::string skipped;
  double minor = 0, minor_of_children = 0, major = 0, major_of_children = 0;
  for (int i = 0; i < 7; ++i) fields >> skipped;
  if (!(fields >> minor >> minor_of_children >> major >> major_of_children)) return;
  sum.faults += minor + minor_of_children;
  sum.major_faults += major + major_of_children;
  sum.child_faults += minor_of_children + major_of_children;
}

// "write_bytes" counts pages of files that became dirty, whoever writes them back; sockets and
// pipes have none. Those of ended children are in their parent's.
void AddWritten(int id, ProcessUsage& sum) {
  std::ifstream in(fmt::format("/proc/{}/io", id));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("write_bytes:"))
      sum.file_mb += std::strtod(line.c_str() + 12, nullptr) / 1e6;
  }
}

void AddMemory(int id, ProcessUsage& sum) {
  std::ifstream in(fmt::format("/proc/{}/status", id));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmHWM:"))
      sum.peak_rss_mb += std::strtod(line.c_str() + 6, nullptr) * 1024 / 1e6;
  }
}

}  // namespace

ProcessUsage ProcessUsage::Of(const std::vector<int>& process_ids) {
  ProcessUsage sum;
  std::set<int> seen;
  for (int root : process_ids) {
    for (int id : ProcessTree(root)) {
      if (!seen.insert(id).second) continue;
      AddFaults(id, sum);
      AddMemory(id, sum);
      AddWritten(id, sum);
      std::error_code error;
      for (const auto& thread :
           std::filesystem::directory_iterator(fmt::format("/proc/{}/task", id), error)) {
        std::ifstream in(thread.path() / "schedstat");
        double on_cpu = 0, waited = 0;
        if (in >> on_cpu >> waited) sum.on_cpu_ms += on_cpu / 1e6, sum.run_queue_ms += waited / 1e6;
      }
    }
  }
  return sum;
}

ProcessUsage OfThisThread() {
  ProcessUsage own;
  std::ifstream in("/proc/thread-self/schedstat");
  double on_cpu = 0, waited = 0;
  if (in >> on_cpu >> waited) own.on_cpu_ms = on_cpu / 1e6, own.run_queue_ms = waited / 1e6;
  return own;
}

namespace {

std::set<int> WithChildren(const std::vector<int>& process_ids) {
  std::set<int> all;
  for (const int root : process_ids) {
    for (const int id : ProcessTree(root)) all.insert(id);
  }
  return all;
}

}  // namespace

bool ForgetPeaks(const std::vector<int>& process_ids) {
  for (const int id : WithChildren(process_ids)) {
    const std::string path = fmt::format("/proc/{}/clear_refs", id);
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    const bool done = file >= 0 && ::write(file, "5", 1) == 1;
    const int error = errno;
    if (file >= 0) ::close(file);
    // One that has ended meanwhile has no peak.
    if (!done && error != ENOENT && error != ESRCH) return false;
  }
  return true;
}

double ThreadSeconds() {
  rusage use{};
  ::getrusage(RUSAGE_THREAD, &use);
  return static_cast<double>(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

}  // namespace iiifbench
