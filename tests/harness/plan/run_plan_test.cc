// A plan of a study or an attribution: read back, and refused where it was changed or comes to
// something else here.
#include "harness/plan/run_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/corpus.h"

namespace iiifbench {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

RunPlan SomePlan() {
  return MakeRunPlan(kStudyPlan, {"--rounds", "3"},
                     {{"rounds", 3}, {"sources", {{{"file", "a"}, {"checksum", "1"}}}}});
}

std::string Written(const json& body) {
  const std::string path = ::testing::TempDir() + "run_plan_test.json";
  EXPECT_TRUE(WriteFile(path, JsonText(body)));
  return path;
}

TEST(RunPlanTest, IsReadBackAsItWasWritten) {
  const auto plan = ReadRunPlan(Written(RunPlanToJson(SomePlan())), kStudyPlan);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->hash, SomePlan().hash);
  EXPECT_EQ(plan->arguments, SomePlan().arguments);
  EXPECT_EQ(plan->fixed, SomePlan().fixed);
  EXPECT_TRUE(CheckSame(*plan, SomePlan().fixed));
}

TEST(RunPlanTest, RefusesWhatWasChangedOrIsAnotherKind) {
  json changed = RunPlanToJson(SomePlan());
  changed["rounds"] = 4;
  auto read = ReadRunPlan(Written(changed), kStudyPlan);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("it was changed after it was made"));
  read = ReadRunPlan(Written(RunPlanToJson(SomePlan())), kAttributionPlan);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("no JSON object of the kind \"attribution plan\""));
  read = ReadRunPlan(Written({{"kind", kStudyPlan}, {"schema", 2}}), kStudyPlan);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("schema 2"));
  EXPECT_FALSE(ReadRunPlan(Written(json::array()), kStudyPlan));
  EXPECT_FALSE(ReadRunPlan("/none/there", kStudyPlan));
}

TEST(RunPlanTest, NamesWhatDiffersHere) {
  json here = SomePlan().fixed;
  here["sources"][0]["checksum"] = "2";
  auto same = CheckSame(SomePlan(), here);
  ASSERT_FALSE(same);
  EXPECT_THAT(same.error().message, HasSubstr("sources: number 0 is"));
  here = SomePlan().fixed;
  here["rounds"] = 4;
  same = CheckSame(SomePlan(), here);
  ASSERT_FALSE(same);
  EXPECT_THAT(same.error().message, HasSubstr("rounds: 3 in the plan of version"));
}

}  // namespace
}  // namespace iiifbench
