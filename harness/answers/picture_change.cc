#include "harness/answers/picture_change.h"

#include <fmt/format.h>
#include <algorithm>

#include <cmath>
#include <vector>

namespace iiifbench {
namespace {

// Levels of brightness. Clipping at white makes up to 5 of lanczos3, nearest and q30 on bitonal
// text.
constexpr double kNoticed = 6;
constexpr double kSharpened = 1.2;  // lanczos3 against bicubic is below 1.1
constexpr double kSoftened = 0.75;

std::string ToneOf(const ColourFacts& colour) {
  if (colour.plain_error < kNoticed) return {};
  if (colour.gamma_error < 0.6 * colour.plain_error &&
      colour.gamma_error < 1.2 * colour.line_error && std::abs(std::log(colour.gamma)) > 0.05)
    return fmt::format("gamma about {:.2g}", colour.gamma);
  std::string words;
  if (colour.line_error < 0.6 * colour.plain_error && std::abs(colour.gain - 1) > 0.08)
    words = fmt::format("contrast about {:.2g} times", colour.gain);
  if (std::abs(colour.offset) > kNoticed)
    words += fmt::format("{}{} by about {:.0f}", words.empty() ? "" : ", ",
                         colour.offset > 0 ? "brighter" : "darker", std::abs(colour.offset));
  return words;
}

std::string ColourOf(const ColourFacts& colour) {
  std::string words;
  if (std::abs(std::log(std::max(colour.saturation, 0.05))) > 0.2)
    words = fmt::format("saturation about {:.2g} times", colour.saturation);
  if (colour.tint > 5)
    words += fmt::format("{}a tint of {:.0f}", words.empty() ? "" : ", ", colour.tint);
  if (!words.empty()) words += " (as a colour profile does)";
  return words;
}

// Of the octaves from `first` that can be judged: fine gain over coarse gain.
std::string SharpnessOf(const PictureBands& bands, const PictureBands& coded, int first) {
  std::vector<double> fine, coarse;
  for (size_t k = 0; k < bands.whole.size(); ++k) {
    const int octave = first + static_cast<int>(k);
    const BandShare& b = bands.whole[k];
    const BandShare& q = coded.whole[k];
    if (b.count < 60 || q.likeness() < 0.7 || b.expected_power() < 1) continue;
    (octave <= 1 ? fine : coarse).push_back(b.gain() / q.gain());
  }
  if (fine.empty() || coarse.empty()) return {};
  const double ratio = fine.back() / coarse.back();
  if (ratio > kSharpened) return fmt::format("sharpened: fine detail {:.2g} times", ratio);
  if (ratio < kSoftened)
    return fmt::format("softer: fine detail {:.2g} times, as of a smaller level", ratio);
  return {};
}

}  // namespace

std::string NameChanges(const PictureBands& bands, const PictureBands& coded, int first,
                        const ColourFacts& colour, double foreign) {
  std::string out;
  for (const std::string& words :
       {ToneOf(colour), ColourOf(colour), SharpnessOf(bands, coded, first),
        foreign > 0
            ? fmt::format("a stamp or a damage in {:.0f}% of the area", std::ceil(100 * foreign))
            : std::string()}) {
    if (!words.empty()) out += (out.empty() ? "" : "; ") + words;
  }
  return out;
}

}  // namespace iiifbench
