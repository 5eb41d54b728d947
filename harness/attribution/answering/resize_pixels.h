// resize_pixels: which level of the source an answer was made from, and by which filter, told by
// its pixels.
//
// Each pair of a level use and a filter is rendered by our kernels, encoded as JPEG with the
// settings that the answer itself names (encoder_facts), decoded, and compared with the decoded
// answer at full resolution: rms = root of the mean squared difference of samples over all answers,
// in grey levels. Places: the exact window of a fractional region, whole pixels of the level, and,
// for point samplers, output sample i at i s (s = the scale) as well as at the centre of its pixel;
// the best counts. At most the top left 384 x 384 of an answer is compared. alike: the best pair is
// nearer to the answer than our picture is to its own JPEG, or within one grey level; without it
// nothing is said (another picture, another colour space, a filter that we do not have). The filter
// is identified when the best pair with another filter has at least 1.5 times the rms, the level
// likewise. Shapes: answers as their requests say. Errors: those of the codec, for a source or
// answer that cannot be read. Threads: none.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/answers/encoder_facts.h"
#include "kernels/iiif/render_plan.h"

namespace iiifbench {

constexpr double kPixelMargin = 1.5;

struct ResizedAnswer {
  std::string file;  // the source
  const ImageInfo* info = nullptr;
  ImageRequest request;
  std::span<const uint8_t> jpeg;
  EncoderFacts encoder;
};

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
// Whether filters differ in such an answer: it shrinks, by no whole factor.
bool TellsFilters(const RenderPlan& plan);
Result<ResizePixels> MatchResize(std::span<const ResizedAnswer> answers,
                                 std::span<const LevelUse> levels);
std::string Describe(const ResizePixels& pixels);

}  // namespace iiifbench
