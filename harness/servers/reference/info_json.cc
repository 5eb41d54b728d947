#include "harness/servers/reference/info_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace iiifbench {
namespace {

using nlohmann::json;

// Largest factor by which `size` fits the limits.
double LargestScale(Size size, const OutputLimits& limits) {
  double scale = HUGE_VAL;
  const double width = size.width, height = size.height;
  if (limits.max_width > 0) scale = std::min(scale, limits.max_width / width);
  if (limits.max_height > 0) scale = std::min(scale, limits.max_height / height);
  if (limits.max_area > 0)
    scale = std::min(scale, std::sqrt(static_cast<double>(limits.max_area) / (width * height)));
  return scale;
}

}  // namespace

bool Fits(Size size, const OutputLimits& limits) {
  return (limits.max_width == 0 || size.width <= limits.max_width) &&
         (limits.max_height == 0 || size.height <= limits.max_height) &&
         (limits.max_area == 0 || int64_t{size.width} * size.height <= limits.max_area);
}

ImageRequest WithinLimits(ImageRequest request, Size image, const OutputLimits& limits) {
  if (request.size.kind != SizeParameter::Kind::kMax) return request;
  const auto whole = ResolveRequest(request, image);
  if (!whole) return request;
  const Size region = whole->region.size();
  const double largest = LargestScale(region, limits);
  if (largest >= 1) return request;
  request.size.kind = SizeParameter::Kind::kExact;
  request.size.width = std::max(1, static_cast<int>(std::floor(region.width * largest)));
  request.size.height = std::max(1, static_cast<int>(std::floor(region.height * largest)));
  return request;
}

std::string InfoJson(const ImageInfo& info, const std::string& id, ApiVersion version,
                     const OutputLimits& limits) {
  json sizes = json::array(), factors = json::array();
  for (size_t n = info.levels.size(); n-- > 0;) {
    if (Fits(info.levels[n], limits))
      sizes.push_back({{"width", info.levels[n].width}, {"height", info.levels[n].height}});
  }
  for (size_t n = 0; n < info.levels.size(); ++n) factors.push_back(int64_t{1} << n);
  const Size tile = info.tile.width > 0 && Fits(info.tile, limits) ? info.tile : Size{512, 512};
  const json tiles =
      json::array({{{"width", tile.width}, {"height", tile.height}, {"scaleFactors", factors}}});
  json bounds = json::object();
  if (limits.max_area > 0) bounds["maxArea"] = limits.max_area;
  if (limits.max_width > 0) bounds["maxWidth"] = limits.max_width;
  // Without maxWidth, a maxHeight may not stand (2.1, clause 5.3; 3.0, clause 5.2).
  if (limits.max_height > 0) {
    bounds["maxHeight"] = limits.max_height;
    if (limits.max_width == 0) bounds["maxWidth"] = info.size.width;
  }
  json out;
  if (version == ApiVersion::k2) {
    json profile = {{"formats", {"jpg", "png", "tif", "webp", "jp2"}},
                    {"qualities", {"default", "color", "gray", "bitonal"}},
                    {"supports", {"mirroring", "regionSquare", "sizeAboveFull", "rotationBy90s"}}};
    profile.update(bounds);
    out = {{"@context", "http://iiif.io/api/image/2/context.json"},
           {"@id", id},
           {"protocol", "http://iiif.io/api/image"}};
    out["profile"] = json::array({"http://iiif.io/api/image/2/level2.json", profile});
  } else {
    out = {{"@context", "http://iiif.io/api/image/3/context.json"},
           {"id", id},
           {"type", "ImageService3"},
           {"protocol", "http://iiif.io/api/image"},
           {"profile", "level2"},
           {"extraFormats", {"tif", "webp", "jp2"}},
           {"extraQualities", {"color", "gray", "bitonal"}},
           {"extraFeatures", {"mirroring", "sizeUpscaling"}}};
    out.update(bounds);
  }
  out["width"] = info.size.width;
  out["height"] = info.size.height;
  out["sizes"] = sizes;
  out["tiles"] = tiles;
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace iiifbench
