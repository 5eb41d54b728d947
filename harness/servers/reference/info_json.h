// info_json: what the reference server says of a picture, and how large an answer may be.
//
// Standard: IIIF Image API 2.1.1, clause 5, and 3.0.0, clause 5. Units: pixels.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/codecs/codec.h"
#include "kernels/iiif/image_request.h"

namespace iiifbench {

// Bounds on an answer, before rotation. 0: none.
struct OutputLimits {
  int max_width = 0, max_height = 0;
  int64_t max_area = 0;
};

bool Fits(Size size, const OutputLimits& limits);

// `max` means the largest size within the limits: beyond them it becomes a size in pixels. All
// other requests stay as they are; `^max` does not enlarge (the limits of this server are too
// generous for that).
ImageRequest WithinLimits(ImageRequest request, Size image, const OutputLimits& limits);

// info.json as text. `id`: the base URI of the picture.
std::string InfoJson(const ImageInfo& info, const std::string& id, ApiVersion version,
                     const OutputLimits& limits);

}  // namespace iiifbench
