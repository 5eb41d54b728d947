// Progress in a pipe: sparse plain lines, none of them twice.
#include "harness/cli/output.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

// Standard output as a terminal of 72 columns, while it lives.
class TerminalOutput {
 public:
  TerminalOutput() {
    fflush(stdout);
    const winsize size = {.ws_row = 30, .ws_col = 72, .ws_xpixel = 0, .ws_ypixel = 0};
    far_ = ::posix_openpt(O_RDWR | O_NOCTTY);
    if (far_ < 0 || ::grantpt(far_) != 0 || ::unlockpt(far_) != 0) return;
    const int near = ::open(::ptsname(far_), O_RDWR | O_NOCTTY);
    kept_ = ::dup(STDOUT_FILENO);
    there = near >= 0 && ::ioctl(near, TIOCSWINSZ, &size) == 0 && ::dup2(near, STDOUT_FILENO) >= 0;
    if (near >= 0) ::close(near);
  }
  ~TerminalOutput() {
    fflush(stdout);
    if (kept_ >= 0) ::dup2(kept_, STDOUT_FILENO), ::close(kept_);
    if (far_ >= 0) ::close(far_);
  }
  bool there = false;

 private:
  int far_ = -1, kept_ = -1;
};

TEST(OutputTest, ATerminalHasColoursUnlessNoColorIsSet) {
  ::setenv("TERM", "xterm-256color", 1);
  ::unsetenv("NO_COLOR");
  TerminalStyle plain, coloured, dumb;
  {
    const TerminalOutput terminal;
    if (!terminal.there) GTEST_SKIP() << "no terminal can be made here";
    coloured = StyleOfOutput();
    ::setenv("NO_COLOR", "1", 1);
    plain = StyleOfOutput();
    ::unsetenv("NO_COLOR");
    ::setenv("TERM", "dumb", 1);
    dumb = StyleOfOutput();
  }
  EXPECT_TRUE(coloured.colours);
  EXPECT_EQ(coloured.columns, 72U);
  EXPECT_FALSE(plain.colours);
  EXPECT_EQ(plain.columns, 72U);
  EXPECT_FALSE(dumb.colours);
}

TEST(OutputTest, QuietShowsNothing) { EXPECT_FALSE(ProgressUnless(true)); }

}  // namespace
}  // namespace iiifbench
