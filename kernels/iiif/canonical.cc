#include <cmath>

#include "kernels/iiif/image_request.h"

namespace iiifbench {

// Clause 4.7: region "full" or x,y,w,h; size "full" (2.1) or "max" (3.0) where nothing changes,
// "w," (2.1) where the ratio is kept, else w,h with ^ where it enlarges (3.0); rotation without
// trailing zeros.
std::string CanonicalPath(const ImageRequest& request, Size image) {
  auto resolved = ResolveRequest(request, image);
  if (!resolved) return {};
  const Region& r = resolved->region;
  const Size size = resolved->size;
  const bool whole = r == Region{0, 0, image.width, image.height};
  const std::string region =
      whole ? "full" : fmt::format("{},{},{},{}", r.x, r.y, r.width, r.height);
  const bool larger = size.width > r.width || size.height > r.height;
  std::string text;
  if (request.version == ApiVersion::k2) {
    const long kept = std::lround(static_cast<double>(r.height) * size.width / r.width);
    text = size == r.size()      ? "full"
           : kept == size.height ? fmt::format("{},", size.width)
                                 : fmt::format("{},{}", size.width, size.height);
  } else {
    text = size == r.size() ? "max"
                            : fmt::format("{}{},{}", larger ? "^" : "", size.width, size.height);
  }
  static constexpr std::string_view kQualities[] = {"default", "color", "gray", "bitonal"};
  return fmt::format("{}/{}/{}{}/{}.{}", region, text, request.mirror ? "!" : "", request.degrees,
                     kQualities[static_cast<size_t>(request.quality)], request.format);
}

}  // namespace iiifbench
