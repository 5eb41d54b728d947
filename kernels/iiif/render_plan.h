// RenderPlan: a request turned into pixel work only: which level, which window, which filter, which
// encoder settings.
//
// By default the level is the deepest one whose pixels still outnumber the output in both
// directions, so that resize only shrinks, and only what the region needs is decoded.
//
// A region is placed by the level's own geometry (LevelScale): sample i of a level covers [scale i,
// scale (i + 1)) of the full picture, and the window keeps fractions, so that a picture of odd size
// does not shift. The window may reach beyond the delivered samples by less than one, where the
// picture's last samples are not on the level. Errors: kBadRequest, kUnsupported, and kTooLarge
// before any memory is taken.
#pragma once

#include <string>

#include "kernels/codecs/codec.h"
#include "kernels/iiif/image_request.h"
#include "kernels/pixels/resize.h"
#include "kernels/pixels/rotate.h"

namespace iiifbench {

// How much of the picture is decoded for a region.
enum class Access {
  kRegion,  // what the region needs
  kRows,    // whole rows from the top to the region's last one: a sequential decoder
  kFull,    // everything
};
// Which stored or derivable level is decoded.
enum class LevelUse {
  kFitting,   // the deepest one that still has a pixel for each of the answer
  kNone,      // always full size
  kFullOnly,  // fitting for the whole picture, full size for every other region
  kFiner,     // one level finer than fitting: twice the width and height that are needed
};
std::string_view AccessName(Access access);         // "region", "rows", "full"
std::string_view LevelUseName(LevelUse level_use);  // "fitting", "none", "full_only", "finer"

// The reference server does the first of each; other servers have other habits, which are tried as
// hypotheses.
struct DecodeHabit {
  Access access = Access::kRegion;
  LevelUse levels = LevelUse::kFitting;
  friend bool operator==(const DecodeHabit&, const DecodeHabit&) = default;
};

struct RenderSettings {
  DecodeHabit habit;
  bool resample_always = false;  // a resize even where sizes are equal
  Filter filter = Filter::kBicubic;
  EncodeOptions encode;              // of the answer; quality 90, 4:2:0
  Variant variant = Variant::kBest;  // of the decode
  int threads = 1;
  DecodeLimits limits;
  int64_t max_output_pixels = int64_t{100} * 1000 * 1000;
  int max_output_side = 65500;  // what a JPEG can hold; taps are made per row and column
};

struct RenderPlan {
  int channels = 0;  // as decoded
  Region region;     // of the full-resolution image
  Region decoded;    // what is decoded for it; holds `region`
  int level = 0;
  Region level_region;  // what the codec delivers: the image of `decoded` on the level
  Region crop;          // of the delivered pixels: the whole pixels of `region`
  Window
      window;   // of the delivered pixels: the exact image of `region` on the level, fractions kept
  Size output;  // before rotation
  bool resize = false;  // false where `crop` has the size of the output
  Filter filter = Filter::kBicubic;
  Orientation orientation;
  Quality quality = Quality::kDefault;
  std::string format;
  RenderSettings settings;
};

Result<RenderPlan> MakeRenderPlan(const ImageInfo& info, const ImageRequest& request,
                                  const RenderSettings& settings = {});

}  // namespace iiifbench
