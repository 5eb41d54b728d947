// RenderPlan: a request turned into pixel work only: which level, which window, which filter, which encoder
// settings.
//
// The level is the deepest one whose pixels still outnumber the output in both directions, so that resize
// only shrinks.
#pragma once

#include <string>

#include "kernels/codecs/codec.h"
#include "kernels/iiif/image_request.h"
#include "kernels/pixels/resize.h"
#include "kernels/pixels/rotate.h"

namespace iiifbench {

struct RenderSettings {
  Filter filter = Filter::kBicubic;
  EncodeOptions encode;              // of the answer; quality 90, 4:2:0
  Variant variant = Variant::kBest;  // of the decode
  int threads = 1;
  DecodeLimits limits;
  int64_t max_output_pixels = int64_t{100} * 1000 * 1000;
};

struct RenderPlan {
  Region region;  // of the full-resolution image
  int level = 0;
  Region level_region;  // what the codec delivers
  Window window;        // of the delivered pixels: the exact image of `region` on the level, fractions kept
  Size output;          // before rotation
  bool resize = false;  // false only when the window is whole and equal to the output
  Filter filter = Filter::kBicubic;
  Orientation orientation;
  Quality quality = Quality::kDefault;
  std::string format;
  RenderSettings settings;
};

Result<RenderPlan> MakeRenderPlan(const ImageInfo& info, const ImageRequest& request,
                                  const RenderSettings& settings = {});

}  // namespace iiifbench
