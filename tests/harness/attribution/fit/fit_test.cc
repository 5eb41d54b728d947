#include "harness/attribution/fit/fit.h"

#include <gtest/gtest.h>

namespace iiifbench {
namespace {

TEST(FitTest, OfTwoSamplesTheSmallerCounts) {
  EXPECT_EQ(Typical({80, 10}), 10);
  EXPECT_EQ(Typical({80, 10, 11}), 11);
  EXPECT_EQ(Typical({7}), 7);
}

}  // namespace
}  // namespace iiifbench
