#include "kernels/iiif/render_plan.h"

#include <cmath>

namespace iiifbench {
namespace {

// One axis of the exact image of a region on a level, relative to the delivered pixels.
void Place(int begin, int length, int full, int level_size, int delivered_begin, int delivered_length,
           double* at, double* extent) {
  const double ratio = static_cast<double>(level_size) / full;
  *at = std::max(0.0, begin * ratio - delivered_begin);
  *extent = std::min(length * ratio, delivered_length - *at);
}

// Whether level n keeps at least as many pixels as the answer in both directions.
bool Enough(const ImageInfo& info, const Region& region, Size output, int level) {
  const Size size = info.levels[static_cast<size_t>(level)];
  const double width = static_cast<double>(region.width) * size.width / info.size.width;
  const double height = static_cast<double>(region.height) * size.height / info.size.height;
  // Half a pixel of slack: 1000 of 4001 is level 2 although that holds 1000.25.
  return width + 0.5 >= output.width && height + 0.5 >= output.height;
}

}  // namespace

Result<RenderPlan> MakeRenderPlan(const ImageInfo& info, const ImageRequest& request,
                                  const RenderSettings& settings) {
  auto resolved = ResolveRequest(request, info.size);
  if (!resolved) return resolved.error();
  if (CodecForExtension(request.format) == nullptr || CodecForExtension(request.format)->encode == nullptr) {
    return Fail(ErrorKind::kUnsupported, "format '{}' is not offered", request.format);
  }
  if (std::fmod(request.degrees, 90) != 0) {
    return Fail(ErrorKind::kUnsupported, "rotation by {} degrees; multiples of 90 are offered",
                request.degrees);
  }
  RenderPlan plan{.region = resolved->region, .output = resolved->size, .filter = settings.filter};
  if (plan.output.pixels() > settings.max_output_pixels) {
    return Fail(ErrorKind::kTooLarge, "size {}x{} is beyond the limit of {} pixels", plan.output.width,
                plan.output.height, settings.max_output_pixels);
  }
  plan.orientation = {request.mirror, static_cast<int>(request.degrees / 90) % 4};
  plan.quality = request.quality;
  plan.format = request.format;
  plan.settings = settings;
  for (int level = 0; level < static_cast<int>(info.levels.size()); ++level) {
    if (Enough(info, plan.region, plan.output, level)) plan.level = level;
  }
  plan.level_region = LevelRegion(info, plan.region, plan.level);
  const Size level_size = info.levels[static_cast<size_t>(plan.level)];
  Place(plan.region.x, plan.region.width, info.size.width, level_size.width, plan.level_region.x,
        plan.level_region.width, &plan.window.x, &plan.window.width);
  Place(plan.region.y, plan.region.height, info.size.height, level_size.height, plan.level_region.y,
        plan.level_region.height, &plan.window.y, &plan.window.height);
  // What the codec delivers is the answer when its size is: a fraction of a pixel at the edges is no reason
  // to resample all.
  plan.resize = plan.level_region.size() != plan.output;
  return plan;
}

}  // namespace iiifbench
