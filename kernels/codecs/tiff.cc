// TIFF (TIFF 6.0, BigTIFF) by libtiff: tiled or stripped, with a pyramid of pages or SubIFDs.
#include <tiffio.h>

#include <algorithm>
#include <cstring>

#include "kernels/codecs/codec.h"
#include "kernels/codecs/tiff/decode.h"
#include "kernels/codecs/tiff/encode.h"
#include "kernels/codecs/tiff/file.h"

namespace iiifbench {
namespace {

bool Recognises(std::span<const uint8_t> head) {
  if (head.size() < 4) return false;
  const bool little =
      head[0] == 'I' && head[1] == 'I' && (head[2] == 42 || head[2] == 43) && head[3] == 0;
  const bool big =
      head[0] == 'M' && head[1] == 'M' && head[2] == 0 && (head[3] == 42 || head[3] == 43);
  return little || big;
}

ImageInfo Describe(const tiff::File& file) {
  const tiff::Level& first = file.levels().front();
  ImageInfo info{.size = first.size, .channels = file.channels(), .bits_per_sample = first.bits};
  for (const auto& level : file.levels()) info.levels.push_back(level.size);
  if (first.tiled) info.tile = {first.tile_width, first.tile_height};
  info.facts = {
      .compression = tiff::CompressionName(first.compression),
      .lossless = first.compression != COMPRESSION_JPEG && first.compression != COMPRESSION_OJPEG,
      .compression_tag = first.compression,
      .predictor = first.predictor,
      .unit = {first.tile_width, first.tile_height},
      .orientation = first.orientation,
      .icc_bytes = first.icc_bytes};
  info.detail = DetailOf("tiff", info);
  return info;
}

Result<ImageInfo> Probe(Source& source) {
  auto file = tiff::File::Open(source);
  if (!file) return file.error();
  return Describe(**file);
}

Result<DecodeReport> Decode(Source& source, const DecodeRequest& request, PixelView out) {
  auto file = tiff::File::Open(source);
  if (!file) return file.error();
  const ImageInfo info = Describe(**file);
  const Region wanted = LevelRegion(info, request.region, request.level);
  IIIFBENCH_CHECK(out.size() == wanted.size() && out.channels == info.channels,
                  "view {}x{}x{} for {}x{}x{}", out.width, out.height, out.channels, wanted.width,
                  wanted.height, info.channels);
  const tiff::Level& level = (*file)->levels()[static_cast<size_t>(request.level)];
  if (request.variant != Variant::kNaive)
    return tiff::DecodeLevel(**file, level, wanted, request, out);
  // naive: the whole level, then the crop.
  if (level.size.pixels() > request.limits.max_pixels) {
    return Fail(ErrorKind::kTooLarge, "{}: {}x{} pixels are beyond the limit of {}", source.name(),
                level.size.width, level.size.height, request.limits.max_pixels);
  }
  Image whole(level.size, info.channels);
  auto report = tiff::DecodeLevel(**file, level, {0, 0, level.size.width, level.size.height},
                                  request, whole.view());
  if (report) CopyPixels(whole.view().crop(wanted), out);
  return report;
}

std::string Version() {
  // "LIBTIFF, Version 4.5.0\n..."
  const std::string_view text = TIFFGetVersion();
  const size_t start = text.find("Version ") + std::strlen("Version ");
  return "libtiff " + std::string(text.substr(start, text.find('\n') - start));
}

constexpr std::string_view kExtensions[] = {"tif", "tiff"};
constexpr Size kTile = {256, 256};

const Recipe kRecipes[] = {
    {.name = "tiff_deflate",
     .extension = "tif",
     .lossless = true,
     .founding = true,
     .options = {.tile = kTile}},
    {.name = "tiff_none",
     .extension = "tif",
     .lossless = true,
     .options = {.tile = kTile, .compression = "none"}},
    {.name = "tiff_lzw",
     .extension = "tif",
     .lossless = true,
     .options = {.tile = kTile, .compression = "lzw"}},
    {.name = "tiff_zstd",
     .extension = "tif",
     .lossless = true,
     .options = {.tile = kTile, .compression = "zstd", .compression_level = 3}},
    {.name = "tiff_jpeg",
     .extension = "tif",
     .options = {.quality = 90, .tile = kTile, .compression = "jpeg"}},
    {.name = "tiff_stripped",
     .extension = "tif",
     .lossless = true,
     .options = {.compression = "deflate", .pyramid = false}},
};

}  // namespace

extern const Codec tiff_codec;
const Codec tiff_codec = {.name = "tiff",
                          .media_type = "image/tiff",
                          .extensions = kExtensions,
                          .recognises = Recognises,
                          .probe = Probe,
                          .decode = Decode,
                          .encode = tiff::Encode,
                          .build_index = nullptr,
                          .version = Version,
                          .recipes = kRecipes};

}  // namespace iiifbench
