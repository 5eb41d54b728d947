// Machines of every kind, as folders that look like /proc and /sys.
#include "harness/doctor/system_checks.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class SystemChecksTest : public ::testing::Test {
 protected:
  SystemChecksTest()
      : root_(fs::path(::testing::TempDir()) / fmt::format("machine_{}", ::getpid())) {
    fs::create_directories(root_);
  }
  ~SystemChecksTest() override { fs::remove_all(root_); }
  void Put(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  Check Of(const std::string& id) const {
    for (const Check& check : SystemChecks(root_)) {
      if (check.id == id) return check;
    }
    return {.id = "no check of that name"};
  }
  fs::path root_;
};

TEST_F(SystemChecksTest, WhatIsAbsentIsUnknown) {
  for (const char* id : {"governor", "turbo", "load", "memory", "swap", "clock-source"})
    EXPECT_EQ(Of(id).grade, Grade::kUnknown) << id;
  EXPECT_EQ(Of("quota").grade, Grade::kGood);
}

TEST_F(SystemChecksTest, AGovernorThatFollowsTheLoadIsBad) {
  Put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  EXPECT_EQ(Of("governor").grade, Grade::kBad);
  EXPECT_THAT(Of("governor").remedy, HasSubstr("performance"));
  Put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
  EXPECT_EQ(Of("governor").grade, Grade::kGood);
}

TEST_F(SystemChecksTest, TurboNamesTheSwitchThatThisMachineHas) {
  Put("sys/devices/system/cpu/cpufreq/boost", "1\n");
  EXPECT_EQ(Of("turbo").grade, Grade::kDoubtful);
  EXPECT_THAT(Of("turbo").remedy, HasSubstr("cpufreq/boost"));
  Put("sys/devices/system/cpu/cpufreq/boost", "0\n");
  EXPECT_EQ(Of("turbo").grade, Grade::kGood);
}

TEST_F(SystemChecksTest, AContainersQuotaFalsifiesTheFloor) {
  Put("sys/fs/cgroup/cpu.max", "50000 100000\n");
  Put("sys/fs/cgroup/cpu.stat", "usage_usec 5\nnr_periods 9\nnr_throttled 7\n");
  EXPECT_EQ(Of("quota").grade, Grade::kBad);
  EXPECT_THAT(Of("quota").found, HasSubstr("0.50 processors"));
  EXPECT_THAT(Of("quota").found, HasSubstr("stopped 7 times"));
  // That of the cgroup that the process names goes before that of the root.
  Put("proc/self/cgroup", "0::/user.slice\n");
  Put("sys/fs/cgroup/user.slice/cpu.max", "max 100000\n");
  EXPECT_EQ(Of("quota").grade, Grade::kGood);
}

TEST_F(SystemChecksTest, LoadMemoryAndSwapAreGraded) {
  Put("proc/loadavg", "900.00 900.00 900.00 1/1 1\n");
  EXPECT_EQ(Of("load").grade, Grade::kBad);
  Put("proc/loadavg", "0.00 0.00 0.00 1/1 1\n");
  EXPECT_EQ(Of("load").grade, Grade::kGood);
  Put("proc/meminfo", "MemAvailable:  500000 kB\nSwapTotal: 1000000 kB\nSwapFree: 100000 kB\n");
  EXPECT_EQ(Of("memory").grade, Grade::kBad);
  EXPECT_EQ(Of("swap").grade, Grade::kDoubtful);
}

TEST_F(SystemChecksTest, ProfilesOfOthersNeedARight) {
  Put("proc/sys/kernel/perf_event_paranoid", "3\n");
  EXPECT_EQ(Of("perf").grade, ::geteuid() == 0 ? Grade::kGood : Grade::kDoubtful);
  Put("proc/sys/kernel/perf_event_paranoid", "-1\n");
  EXPECT_EQ(Of("perf").grade, Grade::kGood);
}

TEST_F(SystemChecksTest, AnEmulatedProcessorIsBad) {
  Put("proc/cpuinfo", "vendor_id : x\nCPU implementer : 1\nmodel name : QEMU TCG CPU\n");
  EXPECT_EQ(Of("emulation").grade, Grade::kBad);
}

}  // namespace
}  // namespace iiifbench
