#include "harness/servers/launch/process.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace iiifbench {
namespace {

constexpr const char* kSet = "IIIFBENCH_TEST_SET";
constexpr const char* kUnset = "IIIFBENCH_TEST_UNSET";

TEST(InheritedVariablesTest, OursAreAfterwardsAsTheyWere) {
  ::setenv(kSet, "before", 1);
  ::unsetenv(kUnset);
  {
    const std::map<std::string, std::string> variables = {{kSet, "meanwhile"},
                                                          {kUnset, "meanwhile"}};
    const InheritedVariables inherited(variables);
    EXPECT_EQ(OutputOf({"printenv", kSet}), "meanwhile\n");
    EXPECT_EQ(OutputOf({"printenv", kUnset}), "meanwhile\n");
  }
  EXPECT_STREQ(std::getenv(kSet), "before");
  EXPECT_EQ(std::getenv(kUnset), nullptr);
  ::unsetenv(kSet);
}

}  // namespace
}  // namespace iiifbench
