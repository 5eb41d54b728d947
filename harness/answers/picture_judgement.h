// picture_judgement: does the expected picture explain the answer, as far as the answer's coding
// lets it?
//
// Measure: the correlation r of both in each octave (picture_bands.h), beside the correlation r'
// that the expected picture keeps with itself when it is coded like the answer. A flat colour,
// noise, a mirrored, shifted or other picture has r near 0 or below in the fine octaves at any
// contrast; honest answers have r near r', whatever filter made them. Places (a grid) are judged
// one by one, so that a grey half or a stamp shows. Tone and colour are judged on small pictures
// (picture_colour.h): a curve or a tint is a change, an exchange of channels is not.
// An answer that is as soft as our rendering of the level below is judged beside that.
// Where coding leaves nothing of the expected picture to find, only the answer's level and calm can
// be judged: kCannotTell. So it is where only coarse detail is left, which moved pictures share.
// Shapes: equal sizes; 1 or 3 channels, equal in both. Memory: a few times the brightness. Threads:
// any.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "harness/answers/picture_bands.h"

namespace iiifbench {

// Least r / r' by octave, the finest (2 pixels) first. An upscale from the level below has 0.5, 0.7
// and 0.87 in the first three, nearest of the fitting level 0.6, 0.78 and 0.86; wrong pictures have
// below 0.3 in one of the finest two, but for small ones that are moved by a few pixels, whose
// places show it.
constexpr double kLeastShare[] = {0.35, 0.55, 0.7, 0.7};
// A stamp may cover this much where the picture is seen through it, and this much where it is not.
constexpr double kMostStamped = 0.15;
constexpr double kMostHidden = 0.08;

enum class Verdict { kRight, kWrong, kCannotTell };

struct PictureJudgement {
  Verdict verdict = Verdict::kRight;
  double psnr = 0;       // dB, of both pictures reduced 4:1; decides nothing
  double explained = 0;  // mean r / r' of the octaves that can be judged; 0 where none can
  double foreign = 0;    // share of the area that the expected picture does not explain
  double hidden = 0;     // share of the area where it cannot be seen and should
  std::string change;    // what differs of a right picture: "gamma about 1.2; sharpened"
  std::string instead;   // of kWrong: what came, "the mirrored picture"
  std::string reason;    // of kWrong and kCannotTell
};

// `answer_bytes`: the answer as it came, for its coding. `enlarged`: pixels of the answer for one
// of the source, across; above 1 the octaves that the filter makes are not judged.
PictureJudgement JudgePicture(ConstPixelView expected, ConstPixelView answer,
                              std::span<const uint8_t> answer_bytes, double enlarged = 1);

}  // namespace iiifbench
