// picture_alternatives: what a wrong answer is instead: one colour, the negative, mirrored, turned,
// moved, at another scale, or another picture.
//
// Judged at no more than 128 pixels by the correlation of details; a named alternative must
// have more than half. `scale`: pixels of the answer for one of
// these. Only for words: it costs more than the check. Shapes: one channel, equal
// sizes. Threads: any.
#pragma once

#include <string>

#include "kernels/image/image.h"

namespace iiifbench {

struct Alternative {
  std::string words = "another picture";
  bool named = false;   // it is one of those tried, not but another picture
  double likeness = 0;  // of the answer with it; least where it is but another picture
  double own = 0;       // of the answer with the expected picture
  double kept = 0;      // of the expected picture, coded like the answer, with itself
};

// "the mirrored picture", "the picture moved by about 12,0 pixels", "another picture".
Alternative NearestAlternative(ConstPixelView expected, ConstPixelView coded, ConstPixelView answer,
                               double scale);

}  // namespace iiifbench
