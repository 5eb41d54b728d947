#include "harness/report/machine.h"

#include <fmt/format.h>
#include <hwy/targets.h>
#include <sys/utsname.h>

#include <cctype>
#include <fstream>
#include <sstream>
#include <thread>

namespace iiifbench {
namespace {

std::string FirstLineOf(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string Governor() {
  return FirstLineOf("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
}

// The value after "key :" in a file such as /proc/cpuinfo.
std::string ValueIn(const std::string& path, const std::string& key) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const size_t start = line.find_first_not_of(" \t", colon + 1);
    return start == std::string::npos ? "" : line.substr(start);
  }
  return {};
}

}  // namespace

nlohmann::json DescribeMachine() {
  utsname system{};
  ::uname(&system);
  std::string governor = Governor();
  if (governor.empty()) governor = "unreadable";
  const auto best = hwy::SupportedAndGeneratedTargets();
  return {{"cpu", ValueIn("/proc/cpuinfo", "model name")},
          {"cores", std::thread::hardware_concurrency()},
          {"memory_gb", std::atof(ValueIn("/proc/meminfo", "MemTotal").c_str()) / 1e6},
          {"kernel", system.release},
          {"governor", governor},
          {"simd", best.empty() ? "none" : hwy::TargetName(best.front())},
          {"load", FirstLineOf("/proc/loadavg")}};
}

std::string MachineName() {
  std::string name;
  for (const char c : ValueIn("/proc/cpuinfo", "model name")) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u)) {
      name.push_back(static_cast<char>(std::tolower(u)));
    } else if (!name.empty() && name.back() != '-') {
      name.push_back('-');
    }
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "unknown" : name;
}

Disturbance Disturbance::Now() {
  Disturbance now{.governor = Governor()};
  std::istringstream line(FirstLineOf("/proc/stat"));
  std::string label;
  line >> label;
  int64_t value = 0;
  for (int i = 0; i < 8 && line >> value; ++i) {
    now.total += value;
    if (i == 7) now.steal = value;
  }
  std::ifstream in("/proc/vmstat");
  for (std::string key; in >> key >> value;) {
    if (key == "pswpin" || key == "pswpout") now.swapped += value;
  }
  return now;
}

std::vector<Finding> Disturbed(const Disturbance& before, const Disturbance& after) {
  std::vector<Finding> reasons;
  const double steal = static_cast<double>(after.steal - before.steal) /
                       static_cast<double>(std::max<int64_t>(1, after.total - before.total));
  if (steal > 0.02)
    reasons.push_back(
        {"processor-time-stolen",
         fmt::format("the hypervisor took {:.1f} % of the processor time", 100 * steal)});
  if (after.swapped > before.swapped)
    reasons.push_back(
        {"machine-swapped", fmt::format("{} pages were swapped", after.swapped - before.swapped)});
  if (before.governor != after.governor) {
    reasons.push_back(
        {"governor-not-performance", fmt::format("the frequency governor changed from '{}' to '{}'",
                                                 before.governor, after.governor)});
  } else if (!after.governor.empty() && after.governor != "performance") {
    reasons.push_back({"governor-not-performance",
                       fmt::format("the frequency governor is '{}': set 'performance' (cpupower "
                                   "frequency-set -g performance)",
                                   after.governor)});
  }
  return reasons;
}

}  // namespace iiifbench
