// expected_answer: the answer that a request should get, by our own rendering, and whether one that
// came is it. The one rule of sizes of `load`, `study` and `attribute`.
//
// Standard: IIIF Image API 2.1 and 3.0, clause 4.2: the calculated side of "w,", ",h", "!w,h" and
// "pct:n" maintains the aspect ratio of the region; how it is made whole is not said (3.0
// Implementation Notes, 3: the rounding method is implementation dependent). So floor and ceiling
// of the exact side are both right: such an answer is compared with our rendering at its own size,
// and what it did is a finding. Every other size is wrong, as is any but the one size of "w,h",
// "full" and "max", and of rotations by other than quarter turns. Memory: the right picture in
// full, and one more when an answer was rounded otherwise. Errors: of the codec (the file), of the
// request; of an answer: what came instead. Threads: one.
#pragma once

#include <optional>
#include <string>

#include "harness/answers/response_check.h"
#include "kernels/iiif/image_request.h"
#include "kernels/iiif/render.h"

namespace iiifbench {

struct ExpectedAnswer {
  std::string file;  // the source
  ImageInfo info;
  ImageRequest request;
  RenderPlan plan;
  Image picture;
  mutable Image rounded_otherwise;  // the last one that an answer asked for by its size
};

// `path`: after the identifier.
Result<ExpectedAnswer> ExpectAnswer(const std::string& file, const std::string& path,
                                    ApiVersion version, int jpeg_quality);

// Empty: the size that we make of it; "height 187 is the floor of 187.5"; none: a wrong size.
std::optional<std::string> AllowedRounding(const ImageRequest& request, Size image, Size came);

// Of an answer that is a picture; nothing of any other.
std::optional<Size> SizeOf(const Exchange& exchange);

// The same picture, asked for by the size that came.
ImageRequest AtItsSize(ImageRequest request, Size came);

// Pixels of the answer for one of the source, in the direction that has more.
double Enlargement(const RenderPlan& plan);

// facts.rounding says it when the answer was rounded otherwise than ours.
Result<ResponseFacts> CheckAgainst(const ExpectedAnswer& expected, const Exchange& exchange);

}  // namespace iiifbench
