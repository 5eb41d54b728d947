#include "harness/report/terminal/terminal_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace iiifbench {
namespace {

bool StartsLetter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Where the letter of that number begins; the length of the text, where it has no such letter.
size_t StartOfLetter(std::string_view text, size_t number) {
  size_t letters = 0, at = 0;
  while (at < text.size() && (!StartsLetter(text[at]) || letters++ != number)) ++at;
  return at;
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, StartsLetter));
}

std::vector<std::string> Wrapped(std::string_view text, size_t columns, size_t indent) {
  std::vector<std::string> lines;
  std::string line;
  size_t at = 0;
  bool word_on_line = false;
  while (at < text.size()) {
    const size_t end = std::min(text.find_first_of(" \n", at), text.size());
    const std::string_view word = text.substr(at, end - at);
    at = end + 1;
    if (word_on_line && !word.empty() && DisplayWidth(line) + 1 + DisplayWidth(word) > columns) {
      lines.push_back(line);
      line.assign(indent, ' ');
      word_on_line = false;
    }
    if (!word.empty()) {
      if (word_on_line) line += ' ';
      line += word;
      word_on_line = true;
    }
    if (end < text.size() && text[end] == '\n') {
      lines.push_back(word_on_line ? line : std::string());
      line.clear();
      word_on_line = false;
    }
  }
  if (word_on_line) lines.push_back(line);
  return lines;
}

std::vector<std::string> WrappedAtMost(std::string_view text, size_t columns, size_t indent,
                                       size_t most) {
  const size_t room = std::max<size_t>(1, columns - std::min(columns, indent));
  std::string words;
  size_t letters = 0;  // of the word
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n';
    if (space) letters = 0;
    if (!space && StartsLetter(c) && ++letters > room) words += ' ', letters = 1;
    words += space ? ' ' : c;
  }
  auto lines = Wrapped(words, columns, indent);
  if (lines.size() <= most || most == 0) return lines;
  lines.resize(most);
  lines.back() = Shortened(lines.back() + std::string(columns, ' '), columns);
  lines.back() = lines.back().substr(0, lines.back().find_last_not_of(" .") + 1) + "...";
  return lines;
}

std::vector<std::string> AlignedRows(const std::vector<std::vector<std::string>>& rows,
                                     size_t left) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - DisplayWidth(row[i]), ' ');
      line += (i == 0 ? "" : "  ") + (i < left ? row[i] + gap : gap + row[i]);
    }
    while (line.ends_with(' ')) line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> AtMostLines(std::vector<std::string> lines, size_t most) {
  if (lines.size() <= most) return lines;
  const size_t shown = most == 0 ? 0 : most - 1;
  const std::string rest = fmt::format("and {} more lines: --verbose", lines.size() - shown);
  lines.resize(shown);
  if (most > 0) lines.push_back(rest);
  return lines;
}

std::string Shortened(std::string_view text, size_t columns) {
  if (DisplayWidth(text) <= columns) return std::string(text);
  if (columns <= 3) return std::string(columns, '.');
  return std::string(text.substr(0, StartOfLetter(text, columns - 3))) + "...";
}

std::string ShortenedInMiddle(std::string_view text, size_t columns) {
  const size_t letters = DisplayWidth(text);
  if (letters <= columns || columns <= 4) return Shortened(text, columns);
  const size_t end = (columns - 3) / 2, begin = columns - 3 - end;
  return std::string(text.substr(0, StartOfLetter(text, begin))) + "..." +
         std::string(text.substr(StartOfLetter(text, letters - end)));
}

std::string Coloured(std::string_view text, int colour, const TerminalStyle& style) {
  if (!style.colours || text.empty()) return std::string(text);
  return fmt::format("\x1b[38;5;{}m{}\x1b[0m", colour, text);
}

}  // namespace iiifbench
