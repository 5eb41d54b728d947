#include "harness/attribution/model/priors.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace iiifbench {
namespace {

TEST(PriorsTest, EachSaysWhatItIsHowItWasChosenAndWhatBreaks) {
  std::set<std::string_view> names;
  for (const PriorValue& prior : Priors()) {
    EXPECT_TRUE(names.insert(prior.name).second) << prior.name;
    EXPECT_GT(prior.value, 0) << prior.name;
    EXPECT_FALSE(prior.unit.empty() || prior.chosen.empty() || prior.breaks.empty()) << prior.name;
  }
}

TEST(PriorsTest, TheValuesAreThoseThatTheEstimatorUses) {
  for (const PriorValue& prior : Priors()) {
    if (prior.name == "identified") {
      EXPECT_EQ(prior.value, kIdentified);
    }
    if (prior.name == "kernel_error") {
      EXPECT_EQ(prior.value, kKernelError);
    }
  }
  // One multiple of the proof's truth lies between the centres that replicates draw.
  EXPECT_LT(kLeastCentre, 1);
  EXPECT_GT(kMostCentre, 1);
  EXPECT_LT(kLeastDecode, kMostDecode);
}

}  // namespace
}  // namespace iiifbench
