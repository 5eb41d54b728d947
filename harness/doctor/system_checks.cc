#include "harness/doctor/system_checks.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

namespace iiifbench {
namespace {

std::string FirstLine(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

// The number after "key" in a file of lines, such as /proc/meminfo.
std::optional<double> NumberAfter(const std::string& path, const std::string& key) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const size_t digit = line.find_first_of("0123456789", key.size());
    if (digit != std::string::npos) return std::atof(line.c_str() + digit);
  }
  return std::nullopt;
}

Check Governor(const std::string& root) {
  const std::string governor =
      FirstLine(root + "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  if (governor.empty())
    return {.id = "governor", .found = "the system does not say (usual in a virtual machine)"};
  if (governor == "performance")
    return {.id = "governor", .grade = Grade::kGood, .found = governor};
  return {.id = "governor",
          .grade = Grade::kBad,
          .found = fmt::format("'{}': the clock follows the load", governor),
          .remedy = "cpupower frequency-set -g performance"};
}

Check Turbo(const std::string& root) {
  const std::string no_turbo = FirstLine(root + "/sys/devices/system/cpu/intel_pstate/no_turbo");
  const std::string boost = FirstLine(root + "/sys/devices/system/cpu/cpufreq/boost");
  if (no_turbo.empty() && boost.empty())
    return {.id = "turbo", .found = "the system does not say (usual in a virtual machine)"};
  if (no_turbo == "1" || boost == "0")
    return {.id = "turbo", .grade = Grade::kGood, .found = "off: one clock rate"};
  return {.id = "turbo",
          .grade = Grade::kDoubtful,
          .found = "on: the clock rate falls as more cores work",
          .remedy = no_turbo.empty() ? "echo 0 > /sys/devices/system/cpu/cpufreq/boost"
                                     : "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo"};
}

int Cores() { return static_cast<int>(std::max(1u, std::thread::hardware_concurrency())); }

Check CoresCheck() {
  if (Cores() >= 2)
    return {.id = "cores", .grade = Grade::kGood, .found = fmt::format("{} processors", Cores())};
  return {.id = "cores",
          .grade = Grade::kDoubtful,
          .found = "1 processor: server and client take it from one another",
          .remedy = "measure a server on this machine from another one"};
}

Check Load(const std::string& root) {
  const std::string line = FirstLine(root + "/proc/loadavg");
  if (line.empty()) return {.id = "load", .found = "/proc/loadavg is not there"};
  const double load = std::atof(line.c_str()), share = load / Cores();
  const std::string found =
      fmt::format("{:.2f} on {} processors in the last minute", load, Cores());
  if (share < 0.25) return {.id = "load", .grade = Grade::kGood, .found = found};
  return {.id = "load",
          .grade = share < 0.75 ? Grade::kDoubtful : Grade::kBad,
          .found = found,
          .remedy = "end what else runs (top shows it), or wait"};
}

// The cgroup that bounds this process: the mount's root inside a container, else the path that
// /proc/self/cgroup names.
std::string CgroupFile(const std::string& root, const std::string& name) {
  std::string path = FirstLine(root + "/proc/self/cgroup");
  if (path.starts_with("0::")) {
    path.erase(0, 3);
    const std::string file = root + "/sys/fs/cgroup" + (path == "/" ? "" : path) + "/" + name;
    if (std::ifstream(file).good()) return file;
  }
  return root + "/sys/fs/cgroup/" + name;
}

Check Quota(const std::string& root) {
  std::istringstream line(FirstLine(CgroupFile(root, "cpu.max")));
  std::string quota;
  double period = 0;
  if (!(line >> quota >> period) || quota == "max" || period <= 0) {
    return {.id = "quota", .grade = Grade::kGood, .found = "no limit on processor time"};
  }
  const double cores = std::atof(quota.c_str()) / period;
  const auto throttled = NumberAfter(CgroupFile(root, "cpu.stat"), "nr_throttled");
  return {.id = "quota",
          .grade = Grade::kBad,
          .found = fmt::format("this container has {:.2f} processors' time in each {:.0f} ms{}",
                               cores, period / 1000,
                               throttled && *throttled > 0
                                   ? fmt::format("; it was stopped {:.0f} times so far", *throttled)
                                   : std::string()),
          .remedy = "start the container without --cpus; the floor is falsified otherwise"};
}

Check Memory(const std::string& root) {
  const auto available = NumberAfter(root + "/proc/meminfo", "MemAvailable:");
  if (!available) return {.id = "memory", .found = "/proc/meminfo does not say"};
  const double gigabytes = *available * 1024 / 1e9;
  const std::string found = fmt::format("{:.1f} GB available", gigabytes);
  if (gigabytes >= 2) return {.id = "memory", .grade = Grade::kGood, .found = found};
  return {.id = "memory",
          .grade = gigabytes >= 0.75 ? Grade::kDoubtful : Grade::kBad,
          .found = found + ": sources do not stay in the page cache",
          .remedy = "end what holds memory, or use --small"};
}

Check Swap(const std::string& root) {
  const auto total = NumberAfter(root + "/proc/meminfo", "SwapTotal:");
  const auto free = NumberAfter(root + "/proc/meminfo", "SwapFree:");
  if (!total || !free) return {.id = "swap", .found = "/proc/meminfo does not say"};
  const double used = (*total - *free) * 1024 / 1e6;
  if (used < 64)
    return {.id = "swap",
            .grade = Grade::kGood,
            .found = *total > 0 ? fmt::format("{:.0f} MB in use", used) : "none"};
  return {.id = "swap",
          .grade = Grade::kDoubtful,
          .found = fmt::format("{:.0f} MB in use: some pages are read from disk", used),
          .remedy = "free memory, then swapoff -a; swapon -a"};
}

Check ClockSource(const std::string& root) {
  const std::string source =
      FirstLine(root + "/sys/devices/system/clocksource/clocksource0/current_clocksource");
  if (source.empty()) return {.id = "clock-source", .found = "the system does not say"};
  // Those that are read without a call of the kernel.
  for (const char* fast : {"tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page"}) {
    if (source == fast) return {.id = "clock-source", .grade = Grade::kGood, .found = source};
  }
  return {.id = "clock-source",
          .grade = Grade::kDoubtful,
          .found = source + ": each reading of the clock is a slow call",
          .remedy = "boot with clocksource=tsc where the processor's counter is stable"};
}

Check Perf(const std::string& root) {
  const std::string line = FirstLine(root + "/proc/sys/kernel/perf_event_paranoid");
  if (line.empty())
    return {.id = "perf",
            .grade = Grade::kDoubtful,
            .found = "this kernel has no perf events",
            .remedy = "profiles of a server are left out; the rest stands"};
  const int level = std::atoi(line.c_str());
  if (level <= 1 || ::geteuid() == 0)
    return {.id = "perf",
            .grade = Grade::kGood,
            .found = fmt::format("perf_event_paranoid is {}", level)};
  return {.id = "perf",
          .grade = Grade::kDoubtful,
          .found = fmt::format("perf_event_paranoid is {}: only root can profile a server", level),
          .remedy = "sysctl kernel.perf_event_paranoid=1"};
}

Check Descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {.id = "descriptors", .found = "not told"};
  const std::string found = fmt::format("{} open files at most", limit.rlim_cur);
  if (limit.rlim_cur >= 1024) return {.id = "descriptors", .grade = Grade::kGood, .found = found};
  return {.id = "descriptors",
          .grade = Grade::kDoubtful,
          .found = found + ": a load of many clients needs more",
          .remedy = "ulimit -n 4096"};
}

// qemu-user shows the host's /proc/cpuinfo but answers uname as the guest.
Check Emulation(const std::string& root) {
  std::ifstream in(root + "/proc/cpuinfo");
  std::string all((std::istreambuf_iterator<char>(in)), {});
  if (all.empty()) return {.id = "emulation", .found = "/proc/cpuinfo is not there"};
#if defined(__x86_64__)
  const bool own = all.find("vendor_id") != std::string::npos;
#elif defined(__aarch64__)
  const bool own = all.find("CPU implementer") != std::string::npos;
#else
  const bool own = true;
#endif
  const bool qemu = all.find("QEMU") != std::string::npos || all.find("TCG") != std::string::npos;
  if (own && !qemu) return {.id = "emulation", .grade = Grade::kGood, .found = "none"};
  return {.id = "emulation",
          .grade = Grade::kBad,
          .found = "this processor is emulated: times mean nothing",
          .remedy = "run on a real processor, or build for this one"};
}

}  // namespace

std::vector<Check> SystemChecks(const std::string& root) {
  return {Governor(root), Turbo(root),   CoresCheck(),   Load(root),
          Quota(root),    Memory(root),  Swap(root),     ClockSource(root),
          Perf(root),     Descriptors(), Emulation(root)};
}

}  // namespace iiifbench
