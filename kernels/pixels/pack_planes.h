// pack_planes: planes of 32-bit samples, as OpenJPEG delivers them, to interleaved 8-bit pixels.
//
// Formula: v = plane + (is_signed ? 2^(bits-1) : 0); 8 bits: clamp to [0, 255]; more than 8: v *
// 255 / (2^bits - 1), rounded;
//   fewer: the same. Shapes: planes.size() == out.channels (1 or 3), every plane out.height rows of
//   out.width samples.
// Units: plane strides in samples.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/image/image.h"

namespace iiifbench {

struct Planes {
  std::array<const int32_t*, 3> data{};
  std::array<ptrdiff_t, 3> stride_samples{};
  int bits = 8;  // of every plane
  bool is_signed = false;
};

void PackPlanes(const Planes& planes, PixelView out);
void PackPlanesScalar(const Planes& planes, PixelView out);

}  // namespace iiifbench
