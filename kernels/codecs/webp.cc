// WebP (RFC 9649) by libwebp: IIIF's format webp out, and in for checking answers. Colour only:
// grey is repeated.
#include <webp/decode.h>
#include <webp/encode.h>

#include <cstring>
#include <memory>

#include "kernels/codecs/codec.h"

namespace iiifbench {
namespace {

bool Recognises(std::span<const uint8_t> head) {
  return head.size() >= 12 && std::memcmp(head.data(), "RIFF", 4) == 0 &&
         std::memcmp(head.data() + 8, "WEBP", 4) == 0;
}

Result<ImageInfo> Probe(Source& source) {
  auto bytes = source.ReadAll();
  if (!bytes) return bytes.error();
  Size size;
  if (!WebPGetInfo(bytes->data(), bytes->size(), &size.width, &size.height)) {
    return Fail(ErrorKind::kBadInput, "libwebp: {}: the header is damaged", source.name());
  }
  WebPBitstreamFeatures features{};
  WebPGetFeatures(bytes->data(), bytes->size(), &features);
  return ImageInfo{.size = size,
                   .channels = 3,
                   .levels = {size},
                   .facts = {.compression = "webp", .lossless = features.format == 2},
                   .detail = "webp"};
}

Result<DecodeReport> Decode(Source& source, const DecodeRequest& request, PixelView out) {
  auto info = Probe(source);
  if (!info) return info.error();
  if (info->size.pixels() > request.limits.max_pixels) {
    return Fail(ErrorKind::kTooLarge, "{}: {}x{} pixels are beyond the limit of {}", source.name(),
                info->size.width, info->size.height, request.limits.max_pixels);
  }
  const Region wanted = LevelRegion(*info, request.region, request.level);
  IIIFBENCH_CHECK(out.size() == wanted.size() && out.channels == 3, "view of the wrong shape");
  auto bytes = source.ReadAll();
  if (!bytes) return bytes.error();
  Image whole(info->size, 3);
  const auto view = whole.view();
  if (WebPDecodeRGBInto(bytes->data(), bytes->size(), view.data, static_cast<size_t>(whole.bytes()),
                        static_cast<int>(view.stride_bytes)) == nullptr) {
    return Fail(ErrorKind::kBadInput, "libwebp: {}: damaged or cut after {} bytes", source.name(),
                source.size());
  }
  CopyPixels(view.crop(wanted), out);
  return DecodeReport{.pixels_decoded = info->size.pixels()};
}

Result<void> Encode(ConstPixelView image, const EncodeOptions& options, std::vector<uint8_t>& out) {
  IIIFBENCH_CHECK(image.channels == 1 || image.channels == 3, "{} channels", image.channels);
  if (image.width > WEBP_MAX_DIMENSION || image.height > WEBP_MAX_DIMENSION) {
    return Fail(ErrorKind::kTooLarge, "WebP: {}x{} is beyond the format's {}", image.width,
                image.height, WEBP_MAX_DIMENSION);
  }
  Image colour;
  if (image.channels == 1) {
    colour = Image(image.size(), 3);
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x)
        std::memset(colour.view().row(y) + ptrdiff_t{3} * x, image.row(y)[x], 3);
    }
    image = colour.view();
  }
  uint8_t* bytes = nullptr;
  const size_t count =
      WebPEncodeRGB(image.data, image.width, image.height, static_cast<int>(image.stride_bytes),
                    static_cast<float>(options.quality), &bytes);
  const std::unique_ptr<uint8_t, decltype(&WebPFree)> owned(bytes, &WebPFree);
  if (count == 0)
    return Fail(ErrorKind::kIo, "libwebp: cannot encode {}x{}", image.width, image.height);
  out.assign(bytes, bytes + count);
  return {};
}

std::string Version() {
  const int v = WebPGetEncoderVersion();
  return fmt::format("libwebp {}.{}.{}", v >> 16, v >> 8 & 255, v & 255);
}

constexpr std::string_view kExtensions[] = {"webp"};

}  // namespace

extern const Codec webp_codec;
const Codec webp_codec = {.name = "webp",
                          .media_type = "image/webp",
                          .extensions = kExtensions,
                          .recognises = Recognises,
                          .probe = Probe,
                          .decode = Decode,
                          .encode = Encode,
                          .build_index = nullptr,
                          .version = Version,
                          .recipes = {}};

}  // namespace iiifbench
