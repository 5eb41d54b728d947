// Which probes are picked, on rows written down here.
#include "harness/attribution/observing/extension.h"

#include <gmock/gmock.h>

namespace iiifbench {
namespace {

// Columns: constant, decode, resize. Decode and resize came in one proportion: what breaks it is asked, not
// what repeats it, and not what breaks it at twenty times the cost.
TEST(ExtensionTest, ThePairThatTradesIsAskedFor) {
  Eigen::MatrixXd asked(4, 3), open(4, 3), wanted(1, 3);
  asked << 1, 10, 10, 1, 20, 20, 1, 30, 30, 1, 5, 5;
  open << 1, 15, 15, 1, 20, 2, 1, 400, 40, 1, 0, 0;
  wanted << 1, 20, 20;
  EXPECT_EQ(ByGain(asked, open, wanted, 1), std::vector<int>{1});
  EXPECT_EQ(ByGain(asked, open, wanted, 9).size(), 4);
}

// Nothing but the constant is large in what is wanted: the probe that shows it alone comes first.
TEST(ExtensionTest, WhatIsLargeInTheRequestsCounts) {
  Eigen::MatrixXd asked(2, 3), open(2, 3), wanted(1, 3);
  asked << 30, 30, 0.1, 30, 31, 0.1;
  open << 30, 0, 0, 30, 30, 60;
  wanted << 30, 30, 0;
  EXPECT_EQ(ByGain(asked, open, wanted, 1), std::vector<int>{0});
}

}  // namespace
}  // namespace iiifbench
