// What a killed sweep leaves on disk, and what a resumed one makes of it.
#include "harness/load/sweep/sweep_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace iiifbench {
namespace {

using std::chrono::nanoseconds;

class SweepLogTest : public ::testing::Test {
 protected:
  ~SweepLogTest() override { ::unlink(path_.c_str()); }
  const std::string path_ = fmt::format("{}/sweep_{}.jsonl", ::testing::TempDir(), ::getpid());
};

LoadSample SampleAt(int64_t due, int32_t failure = -1) {
  return {.due = nanoseconds(due),
          .latency = nanoseconds(70 + due),
          .body = nanoseconds(5),
          .bytes = 1234,
          .request_class = failure < 0 ? 0 : 1,
          .failure = failure,
          .reused = true};
}

LoadRun TwoSamples() {
  LoadRun run{.classes = {"tile \"256\"", "info"}, .failures = {"status 502"}};
  run.samples = {SampleAt(100), SampleAt(200, 0)};
  run.warm_up_requests = 3;
  return run;
}

TEST_F(SweepLogTest, WhatWasWrittenComesBackAndTheRestGoesOnBehindIt) {
  LoadRun run = TwoSamples();
  {
    auto log = SweepLog::Open(path_, "load a", false);
    ASSERT_TRUE(log.ok()) << log.error().message;
    EXPECT_EQ((*log)->BeginPoint("1 clients").sittings, 0);
    (*log)->Add(run, {nanoseconds(1000), 2e-6, nanoseconds(30)}, 5);
    run.samples.push_back(SampleAt(1100));
    (*log)->Add(run, {nanoseconds(2000), 3e-6, nanoseconds(40)}, 6);
  }
  // The process is killed while it writes: a sample whose time is not told, and half a line.
  std::ofstream(path_, std::ios::app) << "[1,2,3,4,5,6,7,8,9,10,1,\"info\",\"\"]\n[17,2";
  {
    auto log = SweepLog::Open(path_, "load a", true);
    ASSERT_TRUE(log.ok()) << log.error().message;
    const PointSoFar point = (*log)->BeginPoint("1 clients");
    EXPECT_EQ(point.sittings, 1);
    EXPECT_EQ(point.taken, 6);
    EXPECT_EQ(point.run.warm_up_requests, 3);
    EXPECT_EQ(point.run.measured, nanoseconds(2000));
    EXPECT_EQ(point.run.not_answered_waited, nanoseconds(40));
    EXPECT_DOUBLE_EQ(point.in_flight_seconds, 3e-6);
    ASSERT_EQ(point.run.samples.size(), 3u);
    const LoadSample& failed = point.run.samples[1];
    EXPECT_EQ(failed.due, nanoseconds(200));
    EXPECT_EQ(failed.latency, nanoseconds(270));
    EXPECT_EQ(point.run.classes[static_cast<size_t>(failed.request_class)], "info");
    EXPECT_EQ(point.run.failures[static_cast<size_t>(failed.failure)], "status 502");
    EXPECT_EQ(point.run.classes[0], "tile \"256\"");
    EXPECT_TRUE(point.facts.is_null());
    (*log)->Add(TwoSamples(), {nanoseconds(500), 1e-6, nanoseconds(2)}, 4);
    (*log)->EndPoint({{"ended_early", ""}, {"http_version", "1.1"}, {"wrong", {4}}});
  }
  auto log = SweepLog::Open(path_, "load a", true);
  ASSERT_TRUE(log.ok()) << log.error().message;
  const PointSoFar point = (*log)->BeginPoint("1 clients");
  EXPECT_FALSE(point.facts.is_null());
  EXPECT_EQ(point.sittings, 2);
  EXPECT_EQ(point.taken, 10);
  ASSERT_EQ(point.run.samples.size(), 5u);
  EXPECT_EQ(point.run.samples[3].due, nanoseconds(2100));  // as if it had been one run
  EXPECT_EQ(point.run.failures[static_cast<size_t>(point.run.samples[4].failure)], "wrong picture");
  EXPECT_EQ((*log)->BeginPoint("2 clients").sittings, 0);
}

// Interrupted, or its server died: the point is not over.
TEST_F(SweepLogTest, APointThatEndedEarlyGoesOn) {
  {
    auto log = SweepLog::Open(path_, "load a", false);
    ASSERT_TRUE(log.ok());
    (*log)->BeginPoint("1 clients");
    (*log)->Add(TwoSamples(), {nanoseconds(1000), 2e-6, nanoseconds(30)}, 5);
    (*log)->EndPoint({{"ended_early", "interrupted"}});
  }
  auto log = SweepLog::Open(path_, "load a", true);
  ASSERT_TRUE(log.ok());
  const PointSoFar point = (*log)->BeginPoint("1 clients");
  EXPECT_TRUE(point.facts.is_null());
  EXPECT_EQ(point.run.samples.size(), 2u);
}

TEST_F(SweepLogTest, AnotherCommandOrNoFileIsRefused) {
  EXPECT_FALSE(SweepLog::Open(path_, "load a", true).ok());
  ASSERT_TRUE(SweepLog::Open(path_, "load a", false).ok());
  const auto other = SweepLog::Open(path_, "load b", true);
  ASSERT_FALSE(other.ok());
  EXPECT_NE(other.error().message.find("load a"), std::string::npos) << other.error().message;
}

TEST_F(SweepLogTest, DamagedLinesAreRefusedByNumber) {
  {
    auto log = SweepLog::Open(path_, "load a", false);
    ASSERT_TRUE(log.ok());
    (*log)->BeginPoint("1 clients");
  }
  std::ofstream(path_, std::ios::app) << "[1,2]\n{}\n";
  const auto log = SweepLog::Open(path_, "load a", true);
  ASSERT_FALSE(log.ok());
  EXPECT_NE(log.error().message.find("line 3"), std::string::npos) << log.error().message;
}

// 1e26 as a time has no defined value.
TEST_F(SweepLogTest, NumbersThatAreNoIntegersAreRefused) {
  for (const char* number : {"1e26", "1.5", "-1e300", "null", "\"7\""}) {
    {
      auto log = SweepLog::Open(path_, "load a", false);
      ASSERT_TRUE(log.ok());
      (*log)->BeginPoint("1 clients");
    }
    std::ofstream(path_, std::ios::app)
        << "[1000,2000,0,1,0,0,0," << number << ",400,9000,1,\"tile\",\"\"]\n{}\n";
    const auto log = SweepLog::Open(path_, "load a", true);
    ASSERT_FALSE(log.ok()) << number;
    EXPECT_NE(log.error().message.find("line 3"), std::string::npos) << log.error().message;
  }
}

TEST_F(SweepLogTest, AFullDiskIsSaidWithWhatToDo) {
  const auto log = SweepLog::Open("/dev/full", "load", false);
  ASSERT_FALSE(log.ok());
  EXPECT_NE(log.error().message.find("make room"), std::string::npos) << log.error().message;
}

}  // namespace
}  // namespace iiifbench
