// ImageRequest: the URL syntax of the IIIF Image API, 2.1 and 3.0, complete for level 2, and its
// canonical form.
//
// Standard: IIIF Image API 2.1.1 and 3.0.0, clause 4 (region, size, rotation, quality, format)
// and 4.7 (canonical URI). Units: pixels of the full-resolution image, per cent where `kPercent`.
// Errors: kBadRequest (status 400) and, for legal syntax
//   that is not offered, kUnsupported (501); the message names the parameter and what is allowed.
#pragma once

#include <string>
#include <string_view>

#include "kernels/image/image.h"

namespace iiifbench {

enum class ApiVersion { k2, k3 };

struct RegionParameter {
  enum class Kind { kFull, kSquare, kPixels, kPercent } kind = Kind::kFull;
  double x = 0, y = 0, width = 0, height = 0;
};

struct SizeParameter {
  enum class Kind {
    kFull,
    kMax,
    kWidth,
    kHeight,
    kPercent,
    kExact,
    kBest
  } kind = Kind::kMax;   // kFull: 2.1 only; kBest: !w,h
  bool upscale = false;  // 3.0 "^"
  int width = 0, height = 0;
  double percent = 0;
};

enum class Quality { kDefault, kColor, kGray, kBitonal };

struct ImageRequest {
  ApiVersion version = ApiVersion::k2;
  std::string identifier;  // decoded from its URI form
  RegionParameter region;
  SizeParameter size;
  bool mirror = false;
  double degrees = 0;
  Quality quality = Quality::kDefault;
  std::string format;  // "jpg"
};

// "identifier/region/size/rotation/quality.format", without the prefix of the version and without a
// query.
Result<ImageRequest> ParseImageRequest(std::string_view path, ApiVersion version);

// What a request means for one image: whole pixels.
struct ResolvedRequest {
  Region region;  // clipped to the image
  Size size;      // before rotation
};
Result<ResolvedRequest> ResolveRequest(const ImageRequest& request, Size image);

// The canonical "region/size/rotation/quality.format" for this image.
std::string CanonicalPath(const ImageRequest& request, Size image);

std::string PercentDecode(std::string_view text);
std::string PercentEncode(std::string_view text);  // everything but unreserved characters, "/" too

}  // namespace iiifbench
