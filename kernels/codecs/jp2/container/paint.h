// jp2/container/paint: from decoded components to grey or RGB pixels of 8 bits.
//
// Formula: a sample of b bits becomes v * 255 / (2^b - 1), rounded; signed ones are moved by
// 2^(b-1) before. Palettes: the value of the entry, indices beyond the last are the last (T.800
// I.5.3.4). sYCC (IEC 61966-2-1 Amd. 1): R = Y + 1.402 Cr, G = Y - 0.344136 Cb - 0.714136 Cr, B = Y
// + 1.772 Cb. CMYK without a profile: R = (255 - C)(255 - K) / 255. Subsampled components are
// repeated: pixel x has sample floor(x / ratio).
//
// Shapes: `wanted` is out's rectangle in pixels of the level, absolute (its first is not 0 where
// the image is off the origin of the grid); a component's rectangle likewise in its own samples.
// Memory: four rows. Errors: none; what a component lacks at its edge repeats its last sample.
// Threads: reentrant.
#pragma once

#include <span>

#include "kernels/codecs/jp2/container/channels.h"
#include "kernels/image/image.h"

namespace iiifbench::jp2 {

// Samples [x, x + width) x [y, y + height) of a component, not empty.
struct ComponentSamples {
  const int32_t* first = nullptr;
  ptrdiff_t stride_samples = 0;
  int64_t x = 0, y = 0;
  int width = 0, height = 0;
};

// `samples` by component. `scalar`: without SIMD, for the library variant.
void Paint(const Boxes& boxes, const Channels& channels, const std::vector<Component>& components,
           std::span<const ComponentSamples> samples, int64_t wanted_x, int64_t wanted_y,
           bool scalar, PixelView out);

}  // namespace iiifbench::jp2
