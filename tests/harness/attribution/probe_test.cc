// The designed set of requests holds what separates the stages.
#include "harness/attribution/probe.h"

#include <gmock/gmock.h>

namespace iiifbench {
namespace {

// What a request costs all the same must be in more rows than a bootstrap is likely to miss together, and in
// the core, which even a slow server is asked.
TEST(DesignTest, TheSmallestStepOfTheLadderIsAskedInManyWays) {
  const auto probes = DesignProbes({800, 1200}, {{64, 96}, {512, 768}}, "max", "^");
  int small = 0, scaled_up = 0;
  for (const auto& probe : probes) {
    if (probe.image != 1 || probe.info) continue;
    EXPECT_TRUE(probe.core) << probe.name;
    ++small;
    scaled_up += probe.path == "0,0,32,32/^512,/0/default.jpg";
  }
  EXPECT_GE(small, 6);
  EXPECT_EQ(scaled_up, 1);
}

}  // namespace
}  // namespace iiifbench
