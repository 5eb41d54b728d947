#include "harness/doctor/report.h"

#include <gmock/gmock.h>

namespace iiifbench {
namespace {

using ::testing::HasSubstr;

TEST(DoctorReportTest, TheWorstGradeDecides) {
  std::vector<Check> checks = {{.id = "cores", .grade = Grade::kGood, .found = "2 processors"},
                               {.id = "governor", .found = "the system does not say"}};
  EXPECT_EQ(ChecksToJson(checks)["verdict"], "unknown");
  checks.push_back(
      {.id = "load", .grade = Grade::kBad, .found = "9.00", .remedy = "end what else runs"});
  EXPECT_EQ(ChecksToJson(checks)["verdict"], "bad");
  EXPECT_EQ(ChecksToJson(checks)["checks"][2]["remedy"], "end what else runs");
  const std::string text = ChecksToText(checks);
  EXPECT_THAT(text, HasSubstr("bad       load          9.00\n"));
  EXPECT_THAT(text, HasSubstr("-> end what else runs\n"));
  EXPECT_THAT(text, HasSubstr("mislead: 1 of 3 checks are bad"));
  EXPECT_EQ(ChecksToText({}), "This machine gives figures to be trusted.\n");
}

}  // namespace
}  // namespace iiifbench
