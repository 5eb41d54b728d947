// Lines are no wider than asked, by letters and not by bytes.
#include "harness/report/terminal/terminal_text.h"

#include <gmock/gmock.h>

namespace iiifbench {
namespace {

using ::testing::ElementsAre;

TEST(TerminalTextTest, LinesAreBrokenAtSpaces) {
  EXPECT_THAT(Wrapped("one two three four", 9, 2), ElementsAre("one two", "  three", "  four"));
  EXPECT_THAT(Wrapped("", 9), ElementsAre());
  EXPECT_THAT(Wrapped("a  b ", 9), ElementsAre("a b"));
}

TEST(TerminalTextTest, AWordThatIsTooLongStandsAlone) {
  EXPECT_THAT(Wrapped("to http://127.0.0.1:8182/iiif now", 10, 2),
              ElementsAre("to", "  http://127.0.0.1:8182/iiif", "  now"));
}

TEST(TerminalTextTest, WidthIsOfLetters) {
  EXPECT_EQ(DisplayWidth("h\xC3\xB6he"), 4U);
  EXPECT_EQ(Shortened("h\xC3\xB6he", 4), "h\xC3\xB6he");
  EXPECT_EQ(Shortened("h\xC3\xB6hen und tiefen", 6), "h\xC3\xB6h...");
  EXPECT_EQ(Shortened("abcdef", 2), "..");
}

TEST(TerminalTextTest, ColoursOnlyWhereTheyAreWanted) {
  EXPECT_EQ(Coloured("d", 33, {.colours = false}), "d");
  EXPECT_EQ(Coloured("d", 33, {.colours = true}), "\x1b[38;5;33md\x1b[0m");
}

}  // namespace
}  // namespace iiifbench
