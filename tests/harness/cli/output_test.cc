// Progress in a pipe: sparse plain lines, none of them twice.
#include "harness/cli/output.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace iiifbench {
namespace {

TEST(OutputTest, ProgressInAPipeIsSparse) {
  ::testing::internal::CaptureStderr();
  ShowProgress("probe 1 of 9");
  ShowProgress("probe 1 of 9");
  ShowProgress("probe 2 of 9");  // less than kProgressPause later
  Complain("a warning\n");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "probe 1 of 9\na warning\n");
}

TEST(OutputTest, APipeHasNoColoursAndAHundredColumns) {
  ::testing::internal::CaptureStdout();
  const TerminalStyle style = StyleOfOutput();
  ::testing::internal::GetCapturedStdout();
  EXPECT_FALSE(style.colours);
  EXPECT_EQ(style.columns, 100U);
}

TEST(OutputTest, QuietShowsNothing) { EXPECT_FALSE(ProgressUnless(true)); }

}  // namespace
}  // namespace iiifbench
