// resize_pixels: what the pixels of answers say of the level that they were made from and of the
// filter (found by observe/match_resize.h).
//
// rms: root of the mean squared difference of samples, in grey levels. A pair of level and filter
// is excluded where its rms is at least kPixelMargin times that of the best. Threads: none.
#pragma once

#include <optional>
#include <vector>

#include "harness/attribution/model/priors.h"
#include "kernels/iiif/render_plan.h"

namespace iiifbench {

struct PixelMatch {
  LevelUse levels = LevelUse::kFitting;
  Filter filter = Filter::kBicubic;
  double rms = 0;
  double own_loss = 0;  // rms of our picture to its own JPEG
};

struct ResizePixels {
  std::vector<PixelMatch> matches;  // best first; not empty
  bool alike = false;
  bool filter_identified = false, level_identified = false;
  // The best with another filter; the best where there is none.
  const PixelMatch& other_filter() const;
  // Whether pixels leave it possible that regions are made from these levels by a filter that is
  // (not) a point sampler. True where the answers are not alike.
  bool Allows(LevelUse levels, bool point) const;
  // Whether it is a point sampler; nothing where the pixels leave both, or say nothing.
  std::optional<bool> point() const;
};

constexpr bool IsPoint(Filter filter) {
  return filter == Filter::kNearest || filter == Filter::kBilinear;
}

}  // namespace iiifbench
