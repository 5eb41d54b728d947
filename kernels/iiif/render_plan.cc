#include "kernels/iiif/render_plan.h"

#include <cmath>

namespace iiifbench {
namespace {

// One axis of the exact image of a region on a level, relative to the delivered pixels.
void Place(int begin, int length, int full, int level_size, int delivered_begin,
           int delivered_length, double* at, double* extent) {
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

int LevelOf(const ImageInfo& info, const Region& region, Size output, LevelUse use) {
  int fitting = 0;
  for (int level = 0; level < static_cast<int>(info.levels.size()); ++level) {
    if (Enough(info, region, output, level)) fitting = level;
  }
  switch (use) {
    case LevelUse::kNone:
      return 0;
    case LevelUse::kFullOnly:
      return region.size() == info.size ? fitting : 0;
    case LevelUse::kFiner:
      return std::max(0, fitting - 1);
    default:
      return fitting;
  }
}

Region DecodedOf(const Region& region, Size image, Access access) {
  switch (access) {
    case Access::kFull:
      return {0, 0, image.width, image.height};
    case Access::kRows:
      return {0, 0, image.width, region.bottom()};
    default:
      return region;
  }
}

}  // namespace

std::string_view AccessName(Access access) {
  static constexpr std::string_view kNames[] = {"region", "rows", "full"};
  return kNames[static_cast<size_t>(access)];
}

std::string_view LevelUseName(LevelUse level_use) {
  static constexpr std::string_view kNames[] = {"fitting", "none", "full_only", "finer"};
  return kNames[static_cast<size_t>(level_use)];
}

Result<RenderPlan> MakeRenderPlan(const ImageInfo& info, const ImageRequest& request,
                                  const RenderSettings& settings) {
  auto resolved = ResolveRequest(request, info.size);
  if (!resolved) return resolved.error();
  if (CodecForExtension(request.format) == nullptr ||
      CodecForExtension(request.format)->encode == nullptr) {
    return Fail(ErrorKind::kUnsupported, "format '{}' is not offered", request.format);
  }
  if (std::fmod(request.degrees, 90) != 0) {
    return Fail(ErrorKind::kUnsupported, "rotation by {} degrees; multiples of 90 are offered",
                request.degrees);
  }
  RenderPlan plan{.channels = info.channels,
                  .region = resolved->region,
                  .output = resolved->size,
                  .filter = settings.filter};
  if (plan.output.pixels() > settings.max_output_pixels) {
    return Fail(ErrorKind::kTooLarge, "size {}x{} is beyond the limit of {} pixels",
                plan.output.width, plan.output.height, settings.max_output_pixels);
  }
  plan.orientation = {request.mirror, static_cast<int>(request.degrees / 90) % 4};
  plan.quality = request.quality;
  plan.format = request.format;
  plan.settings = settings;
  plan.level = LevelOf(info, plan.region, plan.output, settings.habit.levels);
  plan.decoded = DecodedOf(plan.region, info.size, settings.habit.access);
  plan.level_region = LevelRegion(info, plan.decoded, plan.level);
  const Region needed = LevelRegion(info, plan.region, plan.level);
  plan.crop = {needed.x - plan.level_region.x, needed.y - plan.level_region.y, needed.width,
               needed.height};
  const Size level_size = info.levels[static_cast<size_t>(plan.level)];
  Place(plan.region.x, plan.region.width, info.size.width, level_size.width, plan.level_region.x,
        plan.level_region.width, &plan.window.x, &plan.window.width);
  Place(plan.region.y, plan.region.height, info.size.height, level_size.height, plan.level_region.y,
        plan.level_region.height, &plan.window.y, &plan.window.height);
  // What the codec delivers is the answer when its size is: a fraction of a pixel at the edges is
  // no reason to resample all.
  plan.resize = settings.resample_always || plan.crop.size() != plan.output;
  return plan;
}

}  // namespace iiifbench
