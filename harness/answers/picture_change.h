// picture_change: what a server did to a picture that is right otherwise, in words: tone, colour,
// sharpness, a stamp.
//
// Sharpness: the gain of the fine octaves over that of the coarse ones, beside the same of our own
// rendering coded alike. Threads: any.
#pragma once

#include <string>

#include "harness/answers/picture_bands.h"
#include "harness/answers/picture_colour.h"

namespace iiifbench {

// `first`: the octave of the finest band. Empty where nothing is to be said.
std::string NameChanges(const PictureBands& bands, const PictureBands& coded, int first,
                        const ColourFacts& colour, double foreign);

}  // namespace iiifbench
