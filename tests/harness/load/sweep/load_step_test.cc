// A point of a sweep with our reference server, which we start.
#include "harness/load/sweep/load_step.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "harness/http/client.h"
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

  std::string folder_;
};

TEST_F(LoadStepTest, ThePeakOfMemoryIsOfThePoint) {
  const std::map<std::string, std::string> variables = {{"IIIFBENCH", IIIFBENCH_PROGRAM}};
  const InheritedVariables program(variables);
  auto target = StartTarget({.server = "reference",
                             .recipes = {"jpeg_q90"},
                             .pages = {"map"},
                             .small = true,
                             .run_folder = folder_});
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

}  // namespace
}  // namespace iiifbench
