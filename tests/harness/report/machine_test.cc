#include "harness/report/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iiifbench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DisturbedTest, EachRuleIsNamed) {
  const Disturbance quiet{.steal = 0, .total = 1000, .swapped = 0, .governor = "performance"};
  Disturbance after = quiet;
  after.total = 2000;
  EXPECT_THAT(Disturbed(quiet, after), IsEmpty());
  after.steal = 30;
  ASSERT_THAT(IdsOf(Disturbed(quiet, after)), ElementsAre("processor-time-stolen"));
  EXPECT_EQ(Disturbed(quiet, after)[0].text, "the hypervisor took 3.0 % of the processor time");
  after.steal = 20;
  EXPECT_THAT(Disturbed(quiet, after), IsEmpty()) << "2 % is allowed";
  after.swapped = 5;
  EXPECT_THAT(IdsOf(Disturbed(quiet, after)), ElementsAre("machine-swapped"));
  after = quiet;
  after.governor = "powersave";
  EXPECT_THAT(IdsOf(Disturbed(quiet, after)), ElementsAre("governor-not-performance"));
  EXPECT_THAT(IdsOf(Disturbed(after, after)), ElementsAre("governor-not-performance"));
  after.governor = "";
  EXPECT_THAT(Disturbed(after, after), IsEmpty()) << "virtual machines show none";
}

}  // namespace
}  // namespace iiifbench
