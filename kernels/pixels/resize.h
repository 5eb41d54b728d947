// Resize: separable resampling of 8-bit pictures with an antialiasing filter, and its scalar twin.
//
// Formula: with s = window.width / out.width, output sample i has its centre at c = window.x + (i +
// 1/2) s in the source and is
//   out[i] = sum_k w((k + 1/2 - c) / max(s, 1)) src[k] / sum_k w(.),   the same for rows;
// samples outside the view do not take part (the sum of the weights is renormalised). w by filter:
//   box 1 on [-1/2, 1/2); triangle 1 - |x|; bicubic Keys a = -1/2 (Catmull-Rom); lanczos3 sinc(x)
//   sinc(x/3), |x| < 3. nearest takes the sample that holds c; bilinear is the triangle that never
//   widens, hence does not antialias.
// Shapes: out.channels == source.channels, 1, 3 or 4; any sizes >= 1. The window may be fractional
// and must lie inside the
//   source view (up to 1 pixel of rounding is clamped).
// Memory: writes `out` only; scratch is kept per thread and reused. Errors: CHECK for shapes.
#pragma once

#include <string_view>

#include "kernels/image/image.h"

namespace iiifbench {

enum class Filter { kNearest, kBilinear, kBox, kTriangle, kBicubic, kLanczos3 };
std::string_view FilterName(
    Filter filter);  // "nearest", "bilinear", "box", "triangle", "bicubic", "lanczos3"

// A rectangle of the source in pixels that need not be whole.
struct Window {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};
inline Window WholeOf(Size size) {
  return {0, 0, static_cast<double>(size.width), static_cast<double>(size.height)};
}

struct ResizeOptions {
  Filter filter = Filter::kBicubic;
  int threads = 1;
};

// SIMD, dispatched at run time. Equal sizes with a whole-pixel window are a copy.
void Resize(ConstPixelView source, const Window& window, PixelView out,
            const ResizeOptions& options = {});
// The boring twin: the formula in double precision, rounded once.
void ResizeScalar(ConstPixelView source, const Window& window, PixelView out, Filter filter);

}  // namespace iiifbench
