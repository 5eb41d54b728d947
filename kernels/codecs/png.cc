// PNG (ISO/IEC 15948) by libpng: pages of users in, IIIF's format png out. 8 bits grey and RGB;
// deeper and palette sources are converted, alpha is composed onto white.
#include <png.h>

#include <cstring>

#include "kernels/codecs/codec.h"

namespace iiifbench {
namespace {

bool Recognises(std::span<const uint8_t> head) {
  static constexpr uint8_t kMagic[] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10};
  return head.size() >= 8 && std::memcmp(head.data(), kMagic, 8) == 0;
}

// libpng's simplified reader over memory; frees what it holds on every way out.
struct Reader {
  png_image image{};
  ~Reader() { png_image_free(&image); }
};

Result<void> Begin(Source& source, Reader& reader) {
  auto bytes = source.ReadAll();
  if (!bytes) return bytes.error();
  reader.image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&reader.image, bytes->data(), bytes->size())) {
    return Fail(ErrorKind::kBadInput, "libpng: {}: {}", source.name(), reader.image.message);
  }
  return {};
}

ImageInfo Describe(const Reader& reader) {
  const Size size{static_cast<int>(reader.image.width), static_cast<int>(reader.image.height)};
  const bool colour = (reader.image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  return {.size = size,
          .channels = colour ? 3 : 1,
          .levels = {size},
          .facts = {.compression = "png", .lossless = true},
          .detail = "png"};
}

Result<ImageInfo> Probe(Source& source) {
  Reader reader;
  auto begun = Begin(source, reader);
  if (!begun) return begun.error();
  return Describe(reader);
}

Result<DecodeReport> Decode(Source& source, const DecodeRequest& request, PixelView out) {
  Reader reader;
  auto begun = Begin(source, reader);
  if (!begun) return begun.error();
  const ImageInfo info = Describe(reader);
  if (info.size.pixels() > request.limits.max_pixels) {
    return Fail(ErrorKind::kTooLarge, "{}: {}x{} pixels are beyond the limit of {}", source.name(),
                info.size.width, info.size.height, request.limits.max_pixels);
  }
  const Region wanted = LevelRegion(info, request.region, request.level);
  IIIFBENCH_CHECK(out.size() == wanted.size() && out.channels == info.channels,
                  "view of the wrong shape");
  reader.image.format = info.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  Image whole(info.size, info.channels);
  const png_color white = {255, 255, 255};
  if (!png_image_finish_read(&reader.image, &white, whole.view().data, 0, nullptr)) {
    return Fail(ErrorKind::kBadInput, "libpng: {}: {}", source.name(), reader.image.message);
  }
  CopyPixels(whole.view().crop(wanted), out);
  return DecodeReport{.pixels_decoded = info.size.pixels()};
}

Result<void> Encode(ConstPixelView image, const EncodeOptions&, std::vector<uint8_t>& out) {
  IIIFBENCH_CHECK(image.channels == 1 || image.channels == 3, "{} channels", image.channels);
  out.clear();
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  if (info == nullptr) {
    png_destroy_write_struct(&png, nullptr);
    return Fail(ErrorKind::kIo, "libpng: no memory");
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    return Fail(ErrorKind::kIo, "libpng: cannot encode {}x{}", image.width, image.height);
  }
  png_set_write_fn(
      png, &out,
      [](png_structp p, png_bytep bytes, size_t count) {
        auto* to = static_cast<std::vector<uint8_t>*>(png_get_io_ptr(p));
        to->insert(to->end(), bytes, bytes + count);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(image.width),
               static_cast<png_uint_32>(image.height), 8,
               image.channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  // A server's answer is made once and read once: speed before the last per cent of size.
  png_set_compression_level(png, 3);
  png_set_filter(png, 0, PNG_FILTER_SUB);
  png_write_info(png, info);
  for (int y = 0; y < image.height; ++y) png_write_row(png, image.row(y));
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return {};
}

std::string Version() { return fmt::format("libpng {}", png_get_libpng_ver(nullptr)); }

constexpr std::string_view kExtensions[] = {"png"};

}  // namespace

extern const Codec png_codec;
const Codec png_codec = {.name = "png",
                         .media_type = "image/png",
                         .extensions = kExtensions,
                         .recognises = Recognises,
                         .probe = Probe,
                         .decode = Decode,
                         .encode = Encode,
                         .build_index = nullptr,
                         .version = Version,
                         .recipes = {}};

}  // namespace iiifbench
