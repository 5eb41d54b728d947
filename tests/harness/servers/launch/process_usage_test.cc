#include "harness/servers/launch/process_usage.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstring>

namespace iiifbench {
namespace {

constexpr size_t kMegabyte = 1'000'000;

// Touches so many bytes, and gives them back.
void Touch(size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  std::memset(memory, 1, bytes);
  ::munmap(memory, bytes);
}

TEST(ProcessUsageTest, TheProcessorTimeIsOfAllThatWasDone) {
  const std::vector<int> self = {::getpid()};
  const ProcessUsage before = ProcessUsage::Of(self);
  const double thread_before = ThreadSeconds();
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(60);
  while (std::chrono::steady_clock::now() < until) continue;
  Touch(8 * kMegabyte);
  const ProcessUsage after = ProcessUsage::Of(self);
  EXPECT_GT(after.on_cpu_ms - before.on_cpu_ms, 10);
  EXPECT_LT(after.on_cpu_ms - before.on_cpu_ms, 5000);
  EXPECT_NEAR((ThreadSeconds() - thread_before) * 1e3, after.on_cpu_ms - before.on_cpu_ms, 30);
  EXPECT_GE(after.faults, before.faults);
}

TEST(ProcessUsageTest, APeakIsForgottenWhereThatIsAllowed) {
  const std::vector<int> self = {::getpid()};
  Touch(200 * kMegabyte);
  const double whole = ProcessUsage::Of(self).peak_rss_mb;
  EXPECT_GT(whole, 200);
  if (!ForgetPeaks(self)) GTEST_SKIP() << "this kernel forgets no peak";
  EXPECT_LT(ProcessUsage::Of(self).peak_rss_mb, whole - 100);
  Touch(50 * kMegabyte);
  EXPECT_LT(ProcessUsage::Of(self).peak_rss_mb, whole - 100) << "the peak since then";
}

TEST(ProcessUsageTest, AProcessThatIsGoneCountsNothing) {
  const std::vector<int> gone = {0x7ffffff0};
  EXPECT_EQ(ProcessUsage::Of(gone).peak_rss_mb, 0);
  EXPECT_EQ(ProcessUsage::Of(gone).on_cpu_ms, 0);
  EXPECT_TRUE(ForgetPeaks(gone));
}

}  // namespace
}  // namespace iiifbench
