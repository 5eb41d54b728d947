// picture_alternatives: what a wrong answer is instead: one colour, the negative, mirrored, turned,
// moved, at another scale, or another picture.
//
// Judged at no more than 128 pixels by the correlation of details; a named alternative must
// have more than half. Only for words: it costs more than the check. Shapes: one channel, equal
// sizes. Threads: any.
#pragma once

#include <string>

#include "kernels/image/image.h"

namespace iiifbench {

// "the mirrored picture", "the picture moved by about 12,0 pixels", "another picture".
std::string NearestAlternative(ConstPixelView expected, ConstPixelView answer);

}  // namespace iiifbench
