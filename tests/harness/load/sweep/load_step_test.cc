// A point of a sweep with our reference server, which we start.
#include "harness/load/sweep/load_step.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "harness/http/client.h"
#include "harness/load/sweep/sweep_log.h"
#include "harness/servers/launch/process.h"
#include "harness/servers/launch/process_usage.h"

namespace iiifbench {
namespace {

class LoadStepTest : public ::testing::Test {
 protected:
  LoadStepTest() {
    char name[] = "/tmp/iiifbench-load-step-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~LoadStepTest() override { std::filesystem::remove_all(folder_); }

  Result<LoadTarget> Target() const {
    const std::map<std::string, std::string> variables = {{"IIIFBENCH", IIIFBENCH_PROGRAM}};
    const InheritedVariables program(variables);
    return StartTarget({.server = "reference",
                        .recipes = {"jpeg_q90"},
                        .pages = {"map"},
                        .small = true,
                        .run_folder = folder_});
  }

  std::string folder_;
};

TEST_F(LoadStepTest, ThePeakOfMemoryIsOfThePoint) {
  auto target = Target();
  ASSERT_TRUE(target.ok()) << target.error().message;
  const auto ids = target->running->ProcessIds();
  Client client;
  for (const char* path : {"/full/full/0/default.jpg", "/full/full/90/default.jpg"})
    ASSERT_EQ(client.Get(target->image_urls[0] + path).status, 200);
  if (!ForgetPeaks(ids)) GTEST_SKIP() << "this kernel forgets no peak";
  const auto workload = ParseWorkload(
      R"({"name": "info", "order": "mix", "requests": [{"class": "info", "info": true}]})");
  ASSERT_TRUE(workload.ok()) << workload.error().message;
  const LoadStep step = MeasureStep({.seconds = 0.3, .warm_up = 0.1, .check_seconds = 0.1}, *target,
                                    *workload, 1, false);
  EXPECT_GT(step.point.answers, 0);
  EXPECT_EQ(step.point.failed, 0);
  ASSERT_TRUE(step.server.has_value());
  EXPECT_GT(step.server->cpu_ms, 0);
  ASSERT_TRUE(step.server->peak_memory_mb.has_value());
  EXPECT_GT(*step.server->peak_memory_mb, 1);
}

// Interrupted after a part, then resumed: one point, as long as was asked, of both parts' samples.
TEST_F(LoadStepTest, AnInterruptedPointGoesOnFromItsSamples) {
  auto target = Target();
  ASSERT_TRUE(target.ok()) << target.error().message;
  const auto workload = LoadWorkload("viewer");
  ASSERT_TRUE(workload.ok()) << workload.error().message;
  const std::string samples = folder_ + "/samples.jsonl";
  std::atomic<bool> stop{false};
  SweepOptions options{.seconds = 1.2, .warm_up = 0.1, .check_seconds = 0.1, .stop = &stop};
  int64_t first_answers = 0, resumed_answers = 0;
  {
    auto log = SweepLog::Open(samples, "load", false);
    ASSERT_TRUE(log.ok()) << log.error().message;
    options.log = log->get();
    std::thread interrupt([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(700));
      stop = true;
    });
    const LoadStep step = MeasureStep(options, *target, *workload, 2, false);
    interrupt.join();
    EXPECT_EQ(step.point.state.status, CellStatus::kStopped);
    first_answers = step.point.answers;
    EXPECT_GT(first_answers, 0);
  }
  stop = false;
  for (const bool again : {false, true}) {
    SCOPED_TRACE(again ? "read back" : "resumed");
    auto log = SweepLog::Open(samples, "load", true);
    ASSERT_TRUE(log.ok()) << log.error().message;
    options.log = log->get();
    const LoadStep step = MeasureStep(options, *target, *workload, 2, false);
    EXPECT_EQ(step.sittings, 2);
    EXPECT_GT(step.point.answers, first_answers);
    EXPECT_NEAR(step.point.seconds, 1.2, 0.3);
    EXPECT_NE(step.point.state.status, CellStatus::kStopped);
    EXPECT_LT(step.point.little_error, 0.05);
    EXPECT_GT(step.check.checked, 0);
    // A point that is over is read back as it was, and nothing is measured.
    if (again) {
      EXPECT_EQ(step.point.answers, resumed_answers);
    }
    resumed_answers = step.point.answers;
  }
}

}  // namespace
}  // namespace iiifbench
