// Ink: a plane of pen coverage and the strokes drawn into it.
//
// A stroke is a line with round ends; a pixel's coverage is clamp(radius - d + 1/2, 0, 1) for the
// distance d of its centre from the line, the larger value winning where strokes cross. Only +, -,
// *, / and the square root are used, which IEEE 754 rounds correctly, so that the bytes are the
// same on every machine. Units: pixels; coverage 0 (paper) to 255 (ink). Memory: one byte a pixel.
// Threads: one writer.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/image/image.h"

namespace iiifbench {

struct Point {
  double x = 0;
  double y = 0;
};

class Ink {
 public:
  explicit Ink(Size size) : size_(size), coverage_(static_cast<size_t>(size.pixels()), 0) {}

  Size size() const { return size_; }
  uint8_t* row(int y) { return coverage_.data() + static_cast<ptrdiff_t>(y) * size_.width; }
  const uint8_t* row(int y) const {
    return coverage_.data() + static_cast<ptrdiff_t>(y) * size_.width;
  }

  // Parts outside the plane are clipped. `density` scales the coverage: 1 is full ink.
  void Line(Point from, Point to, double radius, double density = 1);
  // The uniform quadratic B-spline of the control points, from the first to the last of them. The
  // radius is `thin` where the pen goes sideways and `thick` where it goes up or down.
  void Curve(std::span<const Point> control, double thin, double thick, double density = 1);
  void Rectangle(const Region& region, double density = 1);

 private:
  Size size_;
  std::vector<uint8_t> coverage_;
};

}  // namespace iiifbench
