// response_check: is an answer the picture that was asked for? Decoded and compared before its
// latency counts.
//
// Size must be exact. Pixels must be explained by our own rendering, octave by octave and place by
// place, as far as the answer's coding lets them (picture_judgement.h): another filter, level or
// JPEG quality passes; another place, scale, page, colour or a grey area does not, on a faint page
// either. What is right but changed passes and is named. An error says what came instead, and the
// colour where it is but one.
// A picture that cannot be judged (flat or tiny, as far as its coding lets see) has a `doubt`: it
// is neither right nor wrong. Its latency may count; it may never be counted among checked answers.
// Cost: about three times the decoding of the answer; more where it is wrong, for the words.
#pragma once

#include <string>
#include <string_view>

#include "harness/http/client.h"
#include "kernels/iiif/render_plan.h"

namespace iiifbench {

struct ResponseFacts {
  double psnr = 0;       // dB, of both pictures reduced 4:1; says nothing of what was judged
  double explained = 0;  // of the detail that the answer's coding leaves, the share like ours; 0..1
  Size size;
  std::string detail;    // of the answer's codec: "sequential, luma 2x2, ..."
  std::string rounding;  // of its size, where it is not ours (answer/expected_answer.h)
  std::string change;    // right, but: "gamma about 1.2; sharpened: fine detail 1.4 times"
  std::string doubt;     // "cannot tell: the picture is flat, ..."; right in level and size only

  bool judged() const { return doubt.empty(); }
};

// What to do where answers are changed, and where they cannot be judged.
inline constexpr std::string_view kChangedAdvice =
    "A change is work, too: switch it off at the server, or on at every server that is compared. "
    "Look at what is called a stamp: it may be damage.";
inline constexpr std::string_view kDoubtAdvice =
    "Flat and tiny pictures prove nothing: ask for a page, or a part of one, with writing or "
    "lines.";

// `enlarged`: pixels of the answer for one of the source; above 1 the filter shows more than the
// picture in fine detail, which is not judged then.
Result<ResponseFacts> CheckResponse(const Exchange& exchange, ConstPixelView expected,
                                    double enlarged = 1);
// One sentence on what is changed or in doubt; empty where nothing is.
std::string FindingOf(const ResponseFacts& facts);
// An info.json with these dimensions.
Result<void> CheckInfo(const Exchange& exchange, Size image);

}  // namespace iiifbench
