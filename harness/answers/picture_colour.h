// picture_colour: tone and colour of an answer against the expected picture, both made small.
//
// Small: a box to at most 48 pixels, where filters and coding no longer show. Tone: answer =
// gain * expected + offset of the brightness by least squares, and the gamma of the curve where one
// fits better. Colour: differences of the channels from the brightness, with one gain
// (saturation). Alternatives: the five other orders of the channels, grey.
// Units: sample values, 0 to 255. Threads: any.
#pragma once

#include <string>
#include <vector>

#include "kernels/image/image.h"

namespace iiifbench {

struct ColourFacts {
  double offset = 0;       // mean of answer - expected, of brightness
  double gain = 1;         // of brightness, about the means
  double spread = 0;       // deviation of the expected picture's small brightness
  double gamma = 1;        // answer = 255 (expected / 255)^gamma
  double gamma_error = 0;  // RMS that the curve leaves
  double line_error = 0;   // RMS that gain and offset leave
  double plain_error = 0;  // RMS of answer - expected, of brightness
  double tint = 0;         // largest mean difference of a channel, brightness taken away
  double saturation = 1;
  std::string wrong;  // "the channels are exchanged (RGB as BGR)"
  // Of each small pixel: answer - what the tone makes of expected.
  Size small;
  std::vector<float> residual;
};

constexpr int kColourSide = 48;  // of the small pictures

ColourFacts CompareColours(ConstPixelView expected, ConstPixelView answer);

}  // namespace iiifbench
