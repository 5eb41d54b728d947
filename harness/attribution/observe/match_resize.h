// match_resize: which level of the source an answer was made from, and by which filter, told by
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

#include <span>
#include <string>
#include <vector>

#include "harness/answers/encoder_facts.h"
#include "harness/attribution/model/resize_pixels.h"
#include "kernels/iiif/render_plan.h"

namespace iiifbench {

struct ResizedAnswer {
  std::string file;  // the source
  const ImageInfo* info = nullptr;
  ImageRequest request;
  std::span<const uint8_t> jpeg;
  EncoderFacts encoder;
};

// Whether filters differ in such an answer: it shrinks, by no whole factor.
bool TellsFilters(const RenderPlan& plan);
Result<ResizePixels> MatchResize(std::span<const ResizedAnswer> answers,
                                 std::span<const LevelUse> levels);
std::string Describe(const ResizePixels& pixels);

}  // namespace iiifbench
