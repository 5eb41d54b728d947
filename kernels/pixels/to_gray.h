// to_gray: luma of an RGB picture, and the threshold of IIIF's quality "bitonal".
//
// Formula: Y = 0.299 R + 0.587 G + 0.114 B (ITU-T T.871, as in JPEG), rounded; bitonal = Y >= 128 ?
// 255 : 0. Shapes: rgb has 3 channels, gray 1; same width and height. ToBitonal works in place on 1
// channel.
#pragma once

#include "kernels/image/image.h"

namespace iiifbench {

void ToGray(ConstPixelView rgb, PixelView gray);
void ToGrayScalar(ConstPixelView rgb, PixelView gray);
void ToBitonal(PixelView gray);
void ToBitonalScalar(PixelView gray);

}  // namespace iiifbench
