#include "kernels/iiif/render.h"

#include "kernels/image/guarded.h"
#include "kernels/image/reused.h"
#include "kernels/image/wanted.h"
#include "kernels/pixels/to_gray.h"

namespace iiifbench {
namespace {

// A picture of this shape in a buffer that is only made anew when the shape changes. Its content is
// the last answer's, or poison.
PixelView Reuse(Image& image, Size size, int channels) {
  if (image.size() != size || image.channels() != channels) {
    image = Image();  // never both in memory
    image = Image(size, channels);
  } else {
    Poison({image.view().data, static_cast<size_t>(image.bytes())});
  }
  return image.view();
}

void DropLarge(Image& image) {
  if (image.bytes() > static_cast<int64_t>(kMostKept)) image = Image();
}

}  // namespace

Result<ConstPixelView> Renderer::RenderPixels(Source& source, const RenderPlan& plan,
                                              StageTimes& stages, DecodeReport& report,
                                              std::span<const uint8_t> index) {
  auto pixels =
      WithMemoryErrors([&] { return RenderUnguarded(source, plan, stages, report, index); });
  if (!pixels) Drop();
  return pixels;
}

void Renderer::Drop() {
  for (Image* image : {&decoded_, &resized_, &converted_, &oriented_}) DropLarge(*image);
}

Result<ConstPixelView> Renderer::RenderUnguarded(Source& source, const RenderPlan& plan,
                                                 StageTimes& stages, DecodeReport& report,
                                                 std::span<const uint8_t> index) {
  ConstPixelView pixels;
  {
    const StageTimer timer(stages, Stage::kDecode);
    const auto read_before = source.read_time();
    auto codec = CodecOf(source);
    if (!codec) return codec.error();
    // The plan knows the shape: a second probe would read every directory of a pyramid twice.
    PixelView decoded = Reuse(decoded_, plan.level_region.size(), plan.channels);
    DecodeRequest request{.region = plan.decoded,
                          .level = plan.level,
                          .variant = plan.settings.variant,
                          .threads = plan.settings.threads,
                          .index = index,
                          .limits = plan.settings.limits};
    auto done = (*codec)->decode(source, request, decoded);
    if (!done) return done.error();
    report = *done;
    pixels = decoded;
    if (!plan.resize) pixels = pixels.crop(plan.crop);
    // Reading happens inside decode; what it took belongs to its own stage. Two threads may read at
    // once: never below 0.
    const auto read = source.read_time() - read_before;
    stages[Stage::kRead] += read;
    stages[Stage::kDecode] -= read;
  }
  if (!StillWanted()) return GivenUp(source.name());
  if (plan.resize) {
    const StageTimer timer(stages, Stage::kResize);
    PixelView resized = Reuse(resized_, plan.output, pixels.channels);
    Resize(pixels, plan.window, resized, {.filter = plan.filter, .threads = plan.settings.threads});
    pixels = resized;
  }
  const bool gray = plan.quality == Quality::kGray || plan.quality == Quality::kBitonal;
  if (gray || !plan.orientation.identity()) {
    const StageTimer timer(stages, Stage::kConvert);
    if (gray) {
      PixelView converted = Reuse(converted_, pixels.size(), 1);
      if (pixels.channels == 3) {
        ToGray(pixels, converted);
      } else {
        CopyPixels(pixels, converted);
      }
      if (plan.quality == Quality::kBitonal) ToBitonal(converted);
      pixels = converted;
    }
    if (!plan.orientation.identity()) {
      PixelView oriented =
          Reuse(oriented_, Oriented(pixels.size(), plan.orientation), pixels.channels);
      Rotate(pixels, oriented, plan.orientation);
      pixels = oriented;
    }
  }
  return pixels;
}

Result<void> Renderer::Render(Source& source, const RenderPlan& plan, Rendered& out,
                              std::span<const uint8_t> index) {
  const int64_t bytes_before = source.bytes_read();
  out.stages = {};
  out.decode = {};
  auto pixels = RenderPixels(source, plan, out.stages, out.decode, index);
  if (!pixels) return pixels.error();
  if (!StillWanted()) return GivenUp(source.name());
  const StageTimer timer(out.stages, Stage::kEncode);
  const Codec* codec = CodecForExtension(plan.format);
  out.media_type = codec->media_type;
  out.bytes_read = source.bytes_read() - bytes_before;
  auto encoded = codec->encode(*pixels, plan.settings.encode, out.bytes);
  Drop();
  return encoded;
}

}  // namespace iiifbench
