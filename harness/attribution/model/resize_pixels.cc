#include "harness/attribution/model/resize_pixels.h"

#include <algorithm>

namespace iiifbench {

const PixelMatch& ResizePixels::other_filter() const {
  for (const PixelMatch& match : matches) {
    if (match.filter != matches.front().filter) return match;
  }
  return matches.front();
}

bool ResizePixels::Allows(LevelUse levels, bool point) const {
  if (!alike) return true;
  if (levels == LevelUse::kFullOnly) levels = LevelUse::kNone;  // what a region gets
  const double limit = kPixelMargin * std::max(kLeastRms, matches.front().rms);
  bool known = false;
  for (const PixelMatch& match : matches) {
    if (match.levels != levels) continue;
    known = true;
    if (IsPoint(match.filter) == point && match.rms < limit) return true;
  }
  return !known;
}

std::optional<bool> ResizePixels::point() const {
  if (!alike) return {};
  const bool best = IsPoint(matches.front().filter);
  const double limit = kPixelMargin * std::max(kLeastRms, matches.front().rms);
  for (const PixelMatch& match : matches) {
    if (IsPoint(match.filter) != best && match.rms < limit) return {};
  }
  return best;
}

}  // namespace iiifbench
