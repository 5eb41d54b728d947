// coded_alike: the expected picture's brightness, coded as the answer was, which says what an
// honest answer could still show of it.
//
// JPEG: by our encoder at the quality whose luminance table is nearest to the answer's
// (encoder_facts.h). Lossy WebP: at the quality of its quantiser (webp_quality.h).
// Everything else is taken for lossless. Shapes: one channel. Memory: the picture twice, its bytes.
// Errors: none; what cannot be coded comes back as it is.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/image/image.h"

namespace iiifbench {

Image CodedAlike(ConstPixelView gray, std::span<const uint8_t> answer);

}  // namespace iiifbench
