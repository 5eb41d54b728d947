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

TEST(TerminalTextTest, ANewlineBeginsALine) {
  EXPECT_THAT(Wrapped("one two\nthree four five\n", 10, 2),
              ElementsAre("one two", "three four", "  five"));
  EXPECT_THAT(Wrapped("a\n\nb", 10, 2), ElementsAre("a", "", "b"));
}

TEST(TerminalTextTest, TheMiddleOfANameIsLeftOut) {
  EXPECT_EQ(ShortenedInMiddle("jpeg/page:map/tile", 18), "jpeg/page:map/tile");
  EXPECT_EQ(ShortenedInMiddle("jpeg/page:map/tile", 13), "jpeg/.../tile");
  EXPECT_EQ(ShortenedInMiddle("h\xC3\xB6hen\xC3\xB6l", 6), "h\xC3\xB6...l");
  EXPECT_EQ(ShortenedInMiddle("abcdef", 2), "..");
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
