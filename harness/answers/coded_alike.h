// coded_alike: the expected picture's brightness, coded as the answer was, which says what an
// honest answer could still show of it.
//
// JPEG: quantised by the answer's own luminance table (dct_quantise.h). Lossy WebP: at the quality
// of its quantiser (webp_quality.h). Everything else is taken for lossless. Shapes: one channel.
// Memory: the picture once more; of WebP its bytes, too. Errors: none; what cannot be coded comes
// back as it is.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/image/image.h"

namespace iiifbench {

Image CodedAlike(ConstPixelView gray, std::span<const uint8_t> answer);

}  // namespace iiifbench
