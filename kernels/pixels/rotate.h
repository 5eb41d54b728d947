// rotate: mirror, then turn clockwise by multiples of 90 degrees (IIIF Image API 3.0 clause 4.3:
// "!n" mirrors first).
//
// Shapes: channels 1, 3 or 4, equal in both; for odd quarter turns `to` is height x width of
// `from`.
#pragma once

#include "kernels/image/image.h"

namespace iiifbench {

struct Orientation {
  bool mirror = false;    // left-right, before the turn
  int quarter_turns = 0;  // clockwise, 0..3
  bool identity() const { return !mirror && quarter_turns == 0; }
  friend bool operator==(const Orientation&, const Orientation&) = default;
};
inline Size Oriented(Size size, Orientation o) {
  return o.quarter_turns % 2 ? Size{size.height, size.width} : size;
}

void Rotate(ConstPixelView from, PixelView to, Orientation orientation);
void RotateScalar(ConstPixelView from, PixelView to, Orientation orientation);

}  // namespace iiifbench
