#include "kernels/iiif/render_plan.h"

#include <cmath>

namespace iiifbench {
namespace {

// One axis: where a span of the full picture lies on a level. `delivered_begin`: the first sample
// that the codec delivers; `needed`: how many the span touches.
struct Placed {
  double at = 0, extent = 0;
  bool whole = false;  // what is touched is the span, but for a fraction at its edges
};

Placed Place(int begin, int length, int full, int level_size, int level, int delivered_begin,
             int needed_begin, int needed) {
  const double scale = LevelScale(full, level_size, level);
  const double first = begin / scale, last = (begin + length) / scale;
  // So much of a sample is no reason to resample all. At the picture's own edge a level may reach
  // beyond it by most of a sample: that is how the level was made.
  constexpr double kNoReason = 0.25;
  const bool at_edge = begin + length == full;
  return {.at = first - delivered_begin,
          .extent = last - first,
          .whole = std::abs(first - needed_begin) <= kNoReason &&
                   (at_edge || std::abs(last - (needed_begin + needed)) <= kNoReason)};
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
  if (plan.output.width > settings.max_output_side ||
      plan.output.height > settings.max_output_side ||
      plan.output.pixels() > settings.max_output_pixels) {
    return Fail(ErrorKind::kTooLarge,
                "size {}x{} is beyond the limit of {} pixels in all and {} in a side",
                plan.output.width, plan.output.height, settings.max_output_pixels,
                settings.max_output_side);
  }
  plan.orientation = {request.mirror, static_cast<int>(request.degrees / 90) % 4};
  plan.quality = request.quality;
  plan.format = request.format;
  plan.settings = settings;
  plan.level = LevelOf(info, plan.region, plan.output, settings.habit.levels);
  plan.decoded = DecodedOf(plan.region, info.size, settings.habit.access);
  plan.level_region = LevelRegion(info, plan.decoded, plan.level);
  if (plan.level_region.size().pixels() > settings.limits.max_pixels ||
      plan.level_region.size().pixels() * info.channels > settings.limits.max_memory_bytes) {
    return Fail(ErrorKind::kTooLarge,
                "{}x{} pixels of level {} are needed; {} pixels and {} bytes are the limit",
                plan.level_region.width, plan.level_region.height, plan.level,
                settings.limits.max_pixels, settings.limits.max_memory_bytes);
  }
  const Region needed = LevelRegion(info, plan.region, plan.level);
  plan.crop = {needed.x - plan.level_region.x, needed.y - plan.level_region.y, needed.width,
               needed.height};
  const Size level_size = info.levels[static_cast<size_t>(plan.level)];
  const Placed across = Place(plan.region.x, plan.region.width, info.size.width, level_size.width,
                              plan.level, plan.level_region.x, needed.x, needed.width);
  const Placed down = Place(plan.region.y, plan.region.height, info.size.height, level_size.height,
                            plan.level, plan.level_region.y, needed.y, needed.height);
  plan.window = {across.at, down.at, across.extent, down.extent};
  // What the codec delivers is the answer when its size and its place are.
  plan.resize =
      settings.resample_always || plan.crop.size() != plan.output || !across.whole || !down.whole;
  return plan;
}

}  // namespace iiifbench
