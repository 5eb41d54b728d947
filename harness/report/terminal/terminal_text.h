// terminal_text: text for a terminal: lines of a given width, and colours where they are wanted.
//
// Widths count Unicode code points, which is right for the letters of paths and sentences. Colours
// are those of ECMA-48 (SGR). Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace iiifbench {

struct TerminalStyle {
  size_t columns = 100;
  bool colours = false;
};

size_t DisplayWidth(std::string_view text);

// Lines of at most `columns`, broken at spaces; those after the first begin with `indent` spaces. A
// word that is longer than a line stands on a line of its own. What follows a newline begins anew,
// without the indent.
std::vector<std::string> Wrapped(std::string_view text, size_t columns, size_t indent = 0);

// The same in at most `most` lines, with no line above `columns`: a longer word is broken, and what
// is left out at the end is "...". Newlines count as spaces.
std::vector<std::string> WrappedAtMost(std::string_view text, size_t columns, size_t indent,
                                       size_t most);

// Rows of equal length as lines: columns two spaces apart; of `left` the first so many are flush
// left, the others flush right. The first row holds the titles.
std::vector<std::string> AlignedRows(const std::vector<std::vector<std::string>>& rows,
                                     size_t left);

// The lines, or so many less one of them and how many more there are.
std::vector<std::string> AtMostLines(std::vector<std::string> lines, size_t most);

// The text, or its first part and "...", in at most `columns`.
std::string Shortened(std::string_view text, size_t columns);
// The text, or its first and last parts with "..." between: names whose end tells them apart.
std::string ShortenedInMiddle(std::string_view text, size_t columns);

// In that colour of 256 where colours are wanted.
std::string Coloured(std::string_view text, int colour, const TerminalStyle& style);

}  // namespace iiifbench
