// JPEG (ITU-T T.81) by libjpeg-turbo: baseline, extended and progressive, grey and colour, levels
// 0..3 by DCT scaling.
#include <cstddef>
#include <cstdio>

#include <jpeglib.h>

#include "kernels/codecs/codec.h"
#include "kernels/codecs/jpeg/index.h"
#include "kernels/codecs/jpeg/library.h"
#include "kernels/codecs/jpeg/region.h"

namespace iiifbench {
namespace {

bool Recognises(std::span<const uint8_t> head) {
  return head.size() >= 3 && head[0] == 0xFF && head[1] == 0xD8 && head[2] == 0xFF;
}

constexpr int kLevels = 4;  // libjpeg reconstructs 8x8 blocks at 8, 4, 2 and 1 samples

Result<ImageInfo> Probe(Source& source) {
  auto header = jpeg::ReadHeader(source);
  if (!header) return header.error();
  ImageInfo info{.size = header->size, .channels = header->components};
  for (int n = 0; n < kLevels; ++n) {
    const int step = 1 << n;
    info.levels.push_back(
        {(info.size.width + step - 1) / step, (info.size.height + step - 1) / step});
  }
  info.facts = {.compression = "jpeg",
                .progressive = header->progressive,
                .arithmetic = header->arithmetic,
                .luma_sampling = {header->max_h, header->max_v},
                .chroma_sampling = {header->chroma_h, header->chroma_v},
                .restart_interval = header->restart_interval,
                .orientation = header->orientation,
                .icc_bytes = header->icc_bytes};
  info.detail = DetailOf("jpeg", info);
  return info;
}

Result<DecodeReport> Decode(Source& source, const DecodeRequest& request, PixelView out) {
  auto info = Probe(source);
  if (!info) return info.error();
  const Region wanted = LevelRegion(*info, request.region, request.level);
  IIIFBENCH_CHECK(out.size() == wanted.size() && out.channels == info->channels,
                  "view {}x{}x{} for {}x{}x{}", out.width, out.height, out.channels, wanted.width,
                  wanted.height, info->channels);
  std::string fallback;
  if (request.variant == Variant::kBest || request.variant == Variant::kIndexed) {
    auto spliced = jpeg::DecodeSpliced(source, request, wanted, out);
    if (!spliced) return spliced.error();
    if (spliced->done) return spliced->report;
    fallback = std::move(spliced->reason);
  }
  const auto extent =
      request.variant == Variant::kNaive ? jpeg::Extent::kWhole : jpeg::Extent::kRegion;
  auto report = jpeg::Decode(source, wanted, request.level, extent, request.limits, out);
  if (report) report->fallback = std::move(fallback);
  return report;
}

std::string Version() {
#define IIIFBENCH_TEXT_OF(x) #x
#define IIIFBENCH_TEXT(x) IIIFBENCH_TEXT_OF(x)
  return "libjpeg-turbo " IIIFBENCH_TEXT(LIBJPEG_TURBO_VERSION);
}

constexpr std::string_view kExtensions[] = {"jpg", "jpeg"};

const Recipe kRecipes[] = {
    {.name = "jpeg_q90", .extension = "jpg", .founding = true, .options = {.quality = 90}},
    {.name = "jpeg_q90_progressive",
     .extension = "jpg",
     .options = {.quality = 90, .progressive = true}},
    {.name = "jpeg_q90_restart", .extension = "jpg", .options = {.quality = 90, .restart_rows = 1}},
    {.name = "jpeg_q90_444",
     .extension = "jpg",
     .options = {.quality = 90, .subsampling = Subsampling::k444}},
};

}  // namespace

extern const Codec jpeg_codec;
const Codec jpeg_codec = {.name = "jpeg",
                          .media_type = "image/jpeg",
                          .extensions = kExtensions,
                          .recognises = Recognises,
                          .probe = Probe,
                          .decode = Decode,
                          .encode = jpeg::Encode,
                          .build_index = jpeg::BuildIndex,
                          .version = Version,
                          .recipes = kRecipes};

}  // namespace iiifbench
