#include "kernels/codecs/codec.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/image/guarded.h"

namespace iiifbench {

std::string_view VariantName(Variant variant) {
  static constexpr std::string_view kNames[] = {"naive", "library", "best", "indexed"};
  return kNames[static_cast<size_t>(variant)];
}

namespace {

bool IsDyadic(int full, int reduced, int level) {
  const int64_t step = int64_t{1} << level;
  return reduced == (full + step - 1) / step || reduced == full / step;
}

// One axis of LevelRegion: [begin, end) of `full` samples on a level with `reduced` samples.
void LevelSpan(int begin, int end, int full, int reduced, int level, int* level_begin,
               int* level_end) {
  const int64_t step = int64_t{1} << level;
  const bool dyadic = IsDyadic(full, reduced, level);
  int64_t first = 0, last = 0;
  if (dyadic) {
    first = begin / step;
    last = (end + step - 1) / step;
  } else {
    first = int64_t{begin} * reduced / full;
    last = (int64_t{end} * reduced + full - 1) / full;
  }
  *level_end = static_cast<int>(std::clamp<int64_t>(last, 1, reduced));
  *level_begin = static_cast<int>(std::clamp<int64_t>(first, 0, *level_end - 1));
}

}  // namespace

double LevelScale(int full, int reduced, int level) {
  return IsDyadic(full, reduced, level) ? static_cast<double>(int64_t{1} << level)
                                        : static_cast<double>(full) / reduced;
}

Region LevelRegion(const ImageInfo& info, const Region& region, int level) {
  IIIFBENCH_CHECK(level >= 0 && level < static_cast<int>(info.levels.size()), "level {} of {}",
                  level, info.levels.size());
  IIIFBENCH_CHECK(region.inside(info.size), "region {},{},{},{} of {}x{}", region.x, region.y,
                  region.width, region.height, info.size.width, info.size.height);
  int left = 0, right = 0, top = 0, bottom = 0;
  LevelSpan(region.x, region.right(), info.size.width, info.levels[level].width, level, &left,
            &right);
  LevelSpan(region.y, region.bottom(), info.size.height, info.levels[level].height, level, &top,
            &bottom);
  return {left, top, right - left, bottom - top};
}

Result<Region> WantedRegion(const Source& source, const ImageInfo& info,
                            const DecodeRequest& request, PixelView out) {
  const bool fits = request.level >= 0 && request.level < static_cast<int>(info.levels.size()) &&
                    request.region.inside(info.size);
  const Region wanted = fits ? LevelRegion(info, request.region, request.level) : Region{};
  if (fits && out.size() == wanted.size() && out.channels == info.channels) return wanted;
  return Fail(
      ErrorKind::kBadInput,
      "{}: a picture of {}x{}x{} with {} levels does not fit the request; it is not what was "
      "probed",
      source.name(), info.size.width, info.size.height, info.channels, info.levels.size());
}

const Codec* FindCodec(std::string_view name) {
  for (const Codec* codec : Codecs()) {
    if (codec->name == name) return codec;
  }
  return nullptr;
}

const Codec* CodecForExtension(std::string_view extension) {
  for (const Codec* codec : Codecs()) {
    if (std::ranges::find(codec->extensions, extension) != codec->extensions.end()) return codec;
  }
  return nullptr;
}

const Recipe* FindRecipe(std::string_view name, const Codec** owner) {
  for (const Codec* codec : Codecs()) {
    for (const Recipe& recipe : codec->recipes) {
      if (recipe.name != name) continue;
      if (owner != nullptr) *owner = codec;
      return &recipe;
    }
  }
  return nullptr;
}

Result<const Codec*> CodecOf(Source& source) {
  std::array<uint8_t, 64> head{};
  auto got = source.ReadSome(0, head);
  if (!got) return got.error();
  for (const Codec* codec : Codecs()) {
    if (codec->recognises(std::span(head).first(*got))) return codec;
  }
  return Fail(ErrorKind::kUnsupported,
              "{}: not a known image format (its first bytes match no codec)", source.name());
}

namespace {

Result<Image> DecodeNew(Source& source, const Region& region, int level, Variant variant) {
  auto codec = CodecOf(source);
  if (!codec) return codec.error();
  auto info = (*codec)->probe(source);
  if (!info) return info.error();
  const Region covered = LevelRegion(
      *info, region.empty() ? Region{0, 0, info->size.width, info->size.height} : region, level);
  DecodeRequest request{
      .region = region.empty() ? Region{0, 0, info->size.width, info->size.height} : region,
      .level = level,
      .variant = variant};
  if (covered.size().pixels() > request.limits.max_pixels) {
    return Fail(ErrorKind::kTooLarge, "{}: {}x{} pixels are beyond the limit of {}", source.name(),
                covered.width, covered.height, request.limits.max_pixels);
  }
  Image image(covered.size(), info->channels);
  auto report = (*codec)->decode(source, request, image.view());
  if (!report) return report.error();
  return image;
}

}  // namespace

Result<Image> DecodeToImage(Source& source, const Region& region, int level, Variant variant) {
  return WithMemoryErrors([&] { return DecodeNew(source, region, level, variant); });
}

Result<Image> DecodeWhole(Source& source, Variant variant) {
  return DecodeToImage(source, {}, 0, variant);
}

}  // namespace iiifbench
