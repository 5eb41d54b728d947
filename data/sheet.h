// Sheet: paper, washes and ink of a page before the scanner; Scan exposes it to an 8-bit picture.
//
// sample_c = blur(paper_c + textures, then every layer over it: v += (colour_c - v) * coverage) +
// noise_c, where the blur is the scanner's optics ([1 2 1]/4 both ways, `blur` times, on the
// coverages) and the noise a common and a per-channel part, approximately normal (sums of four
// uniform bytes), each correlated 0.6 with its neighbours by the taps [0.4 1 0.4] both ways.
// Shapes: 1 or 3 channels; every layer has the sheet's size. Units: sample values, noise in
// standard deviations of sample values. Memory: the picture and three rows a thread. Threads:
// `threads` strips; the bytes do not depend on their number, since each row draws its noise from a
// seed of its own.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "data/ink.h"
#include "data/texture.h"
#include "kernels/image/image.h"

namespace iiifbench {

using Colour = std::array<int, 3>;  // RGB; grey uses the first

struct Relief {
  Texture texture;
  Colour amplitude;  // in 1/16 of a sample value
};

struct Layer {
  Ink ink;
  Colour colour;
  int grain = 0;  // how much ink varies from pixel to pixel, in 1/256 of its coverage
};

struct Sheet {
  Size size;
  int channels = 3;
  Colour paper = {240, 235, 220};
  std::vector<Relief> relief;
  std::vector<Layer> layers;  // bottom first
  int blur = 1;
  double common_noise = 1;     // the same in all channels: what brightness sees
  double channel_noise = 0.5;  // apart in each channel: what colour sees
  uint64_t seed = 1;
};

Image Scan(const Sheet& sheet, int threads);

}  // namespace iiifbench
