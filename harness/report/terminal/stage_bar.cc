#include "harness/report/terminal/stage_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace iiifbench {
namespace {

struct Mark {
  std::string_view stage;
  char letter;
  int colour;  // of 256, told apart by people who do not see red or green as others do
};

constexpr std::array<Mark, 8> kMarks = {{{"network", 'n', 244},
                                         {"wait", 'w', 250},
                                         {"overhead", 'o', 137},
                                         {"read", 'r', 37},
                                         {"decode", 'd', 33},
                                         {"resize", 's', 208},
                                         {"convert", 'c', 178},
                                         {"encode", 'e', 169}}};
constexpr Mark kUnknown = {"unexplained", '?', 240};

const Mark& MarkOf(std::string_view stage) {
  const auto found = std::ranges::find(kMarks, stage, &Mark::stage);
  return found == kMarks.end() ? kUnknown : *found;
}

}  // namespace

char StageLetter(std::string_view stage) { return MarkOf(stage).letter; }

std::string StageBar(const std::vector<Part>& parts, double whole_ms, size_t letters,
                     const TerminalStyle& style) {
  if (!(whole_ms > 0)) return {};
  std::string out;
  size_t drawn = 0;
  double sum = 0;
  for (const Part& part : parts) {
    sum += std::max(0.0, part.ms);
    const double share = std::min(1.0, sum / whole_ms);
    const auto end = static_cast<size_t>(std::lround(share * static_cast<double>(letters)));
    for (size_t i = 0; drawn < end; ++drawn, ++i) {
      const Mark& mark = MarkOf(part.stages[i % part.stages.size()]);
      out += Coloured(std::string(1, mark.letter), mark.colour, style);
    }
  }
  return out + Coloured(std::string(letters - drawn, kUnknown.letter), kUnknown.colour, style);
}

std::vector<std::string> StageLegend(const std::vector<std::string>& stages, bool unexplained,
                                     const TerminalStyle& style) {
  std::vector<std::string> out;
  size_t used = 0;  // letters of the last line, which colours are not
  const auto add = [&](const Mark& mark) {
    const size_t width = 2 + 2 + DisplayWidth(mark.stage);
    if (out.empty() || used + width > style.columns) out.emplace_back(), used = 0;
    out.back() += fmt::format("  {} {}", Coloured(std::string(1, mark.letter), mark.colour, style),
                              mark.stage);
    used += width;
  };
  for (const Mark& mark : kMarks) {
    if (std::ranges::count(stages, mark.stage) > 0) add(mark);
  }
  if (unexplained) add(kUnknown);
  return out;
}

}  // namespace iiifbench
