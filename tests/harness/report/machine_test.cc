#include "harness/report/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iiifbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(DisturbedTest, EachRuleIsNamed) {
  const Disturbance quiet{.steal = 0, .total = 1000, .swapped = 0, .governor = "performance"};
  Disturbance after = quiet;
  after.total = 2000;
  EXPECT_THAT(Disturbed(quiet, after), IsEmpty());
  after.steal = 30;
  EXPECT_THAT(Disturbed(quiet, after),
              ElementsAre("the hypervisor took 3.0 % of the processor time"));
  after.steal = 20;
  EXPECT_THAT(Disturbed(quiet, after), IsEmpty()) << "2 % is allowed";
  after.swapped = 5;
  EXPECT_THAT(Disturbed(quiet, after), ElementsAre("5 pages were swapped"));
  after = quiet;
  after.governor = "powersave";
  EXPECT_THAT(Disturbed(quiet, after),
              ElementsAre(HasSubstr("changed from 'performance' to 'powersave'")));
  EXPECT_THAT(Disturbed(after, after),
              ElementsAre(HasSubstr("the frequency governor is 'powersave'")));
  after.governor = "";
  EXPECT_THAT(Disturbed(after, after), IsEmpty()) << "virtual machines show none";
}

}  // namespace
}  // namespace iiifbench
