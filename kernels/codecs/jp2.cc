// JPEG 2000 (ITU-T T.800) by OpenJPEG: JP2 files and raw codestreams, 1 to 16 bits, grey and RGB.
//
// library: decode area + reduction through a stream that reads only what is touched. best: our own
// packets, tier 1 and wavelet over the code-blocks of the region (jp2/part1/region.h), 2 to 4 times
// as fast; what they do not cover, and whatever they find damaged, goes to OpenJPEG, which then has
// the last word, and the report says why. naive: the whole level, then the crop.
//
// HTJ2K (T.814) takes another road, because OpenJPEG 2.5.0 answers mid-grey, with success, for an
// area inside an HT tile: best is OpenJPH over the code-blocks of the region, or over rows where
// most of them are wanted; library is OpenJPEG over whole tiles.
#include <algorithm>
#include <cstring>

#include "kernels/codecs/codec.h"
#include "kernels/codecs/jp2/encode.h"
#include "kernels/codecs/jp2/ht/region.h"
#include "kernels/codecs/jp2/openjph.h"
#include "kernels/codecs/jp2/part1/region.h"
#include "kernels/codecs/jp2/stream.h"
#include "kernels/pixels/pack_planes.h"

namespace iiifbench {
namespace {

bool Recognises(std::span<const uint8_t> head) {
  static constexpr uint8_t kBox[] = {0, 0, 0, 12, 'j', 'P', ' ', ' ', 13, 10, 0x87, 10};
  static constexpr uint8_t kRaw[] = {0xFF, 0x4F, 0xFF, 0x51};
  auto starts = [&](std::span<const uint8_t> magic) {
    return head.size() >= magic.size() && std::equal(magic.begin(), magic.end(), head.begin());
  };
  return starts(kBox) || starts(kRaw);
}

int64_t CeilShift(int64_t value, int shift) { return (value + (int64_t{1} << shift) - 1) >> shift; }

Result<ImageInfo> Describe(const Source& source, const jp2::Header& h) {
  if (h.palette || h.subsampled || !h.same_depth || h.bits > 16 ||
      (h.components != 1 && h.components != 3) ||
      (h.enumerated_colour != 0 && h.enumerated_colour != 16 && h.enumerated_colour != 17)) {
    return Fail(ErrorKind::kUnsupported,
                "{}: JPEG 2000 with {} components of {} bits, colour {}{}{}; 1 or 3 components of "
                "one depth "
                "up to 16 bits in grey "
                "or sRGB are supported",
                source.name(), h.components, h.bits, h.enumerated_colour,
                h.palette ? ", palette" : "", h.subsampled ? ", subsampled" : "");
  }
  ImageInfo info{.size = {static_cast<int>(h.x1 - h.x0), static_cast<int>(h.y1 - h.y0)},
                 .channels = h.components,
                 .bits_per_sample = h.bits};
  for (int n = 0; n <= std::min(h.decompositions, 30); ++n) {
    const auto width = static_cast<int>(CeilShift(h.x1, n) - CeilShift(h.x0, n));
    const auto height = static_cast<int>(CeilShift(h.y1, n) - CeilShift(h.y0, n));
    if (n > 0 && (width < 1 || height < 1)) break;
    info.levels.push_back({width, height});
  }
  if (h.tile_width < h.x1 - h.tile_x0 || h.tile_height < h.y1 - h.tile_y0) {
    info.tile = {static_cast<int>(h.tile_width), static_cast<int>(h.tile_height)};
  }
  static constexpr std::string_view kOrders[] = {"LRCP", "RLCP", "RPCL", "PCRL", "CPRL"};
  info.detail = fmt::format("{}{}, {}, {} decompositions, {} layers, {} bits",
                            h.high_throughput ? "HTJ2K " : "", h.reversible ? "5/3" : "9/7",
                            h.progression < 5 ? kOrders[h.progression] : "unknown order",
                            h.decompositions, h.layers, h.bits);
  return info;
}

Result<ImageInfo> Probe(Source& source) {
  auto header = jp2::ReadHeader(source);
  if (!header) return header.error();
  return Describe(source, *header);
}

// `wanted` of the level, grown to whole tiles.
Region WholeTiles(const jp2::Header& h, const Region& wanted, int level) {
  // First and last sample of the level that belong to the tiles of samples [from, to).
  const auto grow = [level](int64_t from, int64_t to, int64_t image, int64_t image_end,
                            int64_t origin, int64_t tile) {
    const int64_t first =
        (std::max(image, (CeilShift(image, level) + from) << level) - origin) / tile;
    const int64_t last =
        (std::min(image_end, (CeilShift(image, level) + to) << level) - 1 - origin) / tile;
    const int64_t start = std::max(image, origin + first * tile),
                  end = std::min(image_end, origin + (last + 1) * tile);
    return std::pair(static_cast<int>(CeilShift(start, level) - CeilShift(image, level)),
                     static_cast<int>(CeilShift(end, level) - CeilShift(image, level)));
  };
  const auto [left, right] = grow(wanted.x, wanted.right(), h.x0, h.x1, h.tile_x0, h.tile_width);
  const auto [top, bottom] = grow(wanted.y, wanted.bottom(), h.y0, h.y1, h.tile_y0, h.tile_height);
  return {left, top, right - left, bottom - top};
}

// Runs the library over `wanted` of the level and checks that it delivered that shape.
Result<std::unique_ptr<jp2::Decoder>> RunDecoder(Source& source, const jp2::Header& h,
                                                 const Region& wanted, int level, int threads,
                                                 int64_t* pixels_decoded) {
  // The area on the reference grid: the samples of the level, scaled up; clipped to the image.
  const int64_t left = std::max(h.x0, (CeilShift(h.x0, level) + wanted.x) << level);
  const int64_t top = std::max(h.y0, (CeilShift(h.y0, level) + wanted.y) << level);
  const int64_t right = std::min(h.x1, (CeilShift(h.x0, level) + wanted.right()) << level);
  const int64_t bottom = std::min(h.y1, (CeilShift(h.y0, level) + wanted.bottom()) << level);
  auto extents = jp2::TouchedExtents(
      source, h, (left - h.tile_x0) / h.tile_width, (right - 1 - h.tile_x0) / h.tile_width,
      (top - h.tile_y0) / h.tile_height, (bottom - 1 - h.tile_y0) / h.tile_height);
  if (!extents) return extents.error();
  auto opened = jp2::OpenDecoder(source, std::move(*extents), level, threads);
  if (!opened) return opened.error();
  jp2::Decoder& d = **opened;
  if (!opj_set_decode_area(d.codec.get(), d.image.get(), static_cast<OPJ_INT32>(left),
                           static_cast<OPJ_INT32>(top), static_cast<OPJ_INT32>(right),
                           static_cast<OPJ_INT32>(bottom))) {
    return d.Failure("set area");
  }
  if (!opj_decode(d.codec.get(), d.stream.get(), d.image.get())) return d.Failure("decode");
  for (OPJ_UINT32 c = 0; c < d.image->numcomps; ++c) {
    const auto& component = d.image->comps[c];
    if (component.data == nullptr || static_cast<int>(component.w) != wanted.width ||
        static_cast<int>(component.h) != wanted.height) {
      return Fail(ErrorKind::kBadInput,
                  "OpenJPEG: {}: component {} came out as {}x{} instead of {}x{}", source.name(), c,
                  component.w, component.h, wanted.width, wanted.height);
    }
  }
  *pixels_decoded = wanted.size().pixels();
  return opened;
}

// The code-blocks of the region where that is cheaper, else rows from the top of each tile.
Result<void> DecodeHighThroughput(Source& source, const jp2::Header& header, const Region& wanted,
                                  const DecodeRequest& request, PixelView out,
                                  DecodeReport& report) {
  if (!jp2::OpenJphVersion().empty()) {
    auto plan = jp2::PlanRegion(source, header, wanted, request.level);
    if (!plan) {
      report.fallback = plan.error().message + ": whole rows by OpenJPH";
    } else if (plan->memory_bytes <= request.limits.max_memory_bytes &&
               jp2::RegionPays(*plan, request.threads)) {
      auto done = jp2::DecodeRegion(source, header, *plan, request.threads, out);
      report.pixels_decoded = plan->samples;
      if (done) return {};
      report.fallback = done.error().message + ": whole rows by OpenJPH";
    }
  }
  auto rows = jp2::DecodeByOpenJph(source, header, wanted, request.level, request.threads, out);
  if (!rows) return rows.error();
  report.pixels_decoded = *rows;
  return {};
}

Result<DecodeReport> Decode(Source& source, const DecodeRequest& request, PixelView out) {
  auto header = jp2::ReadHeader(source);
  if (!header) return header.error();
  auto info = Describe(source, *header);
  if (!info) return info.error();
  const Region wanted = LevelRegion(*info, request.region, request.level);
  IIIFBENCH_CHECK(out.size() == wanted.size() && out.channels == info->channels,
                  "view {}x{}x{} for {}x{}x{}", out.width, out.height, out.channels, wanted.width,
                  wanted.height, info->channels);
  const Size level_size = info->levels[static_cast<size_t>(request.level)];
  const Region decoded = request.variant == Variant::kNaive
                             ? Region{0, 0, level_size.width, level_size.height}
                         : header->high_throughput ? WholeTiles(*header, wanted, request.level)
                                                   : wanted;
  if (decoded.size().pixels() > request.limits.max_pixels ||
      decoded.size().pixels() * info->channels * 4 > request.limits.max_memory_bytes) {
    return Fail(ErrorKind::kTooLarge,
                "{}: {}x{} pixels are beyond the limit of {} pixels or {} bytes", source.name(),
                decoded.width, decoded.height, request.limits.max_pixels,
                request.limits.max_memory_bytes);
  }
  DecodeReport report;
  if (header->high_throughput && request.variant == Variant::kBest) {
    auto done = DecodeHighThroughput(source, *header, wanted, request, out, report);
    if (done) return report;
    if (!report.fallback.empty()) report.fallback += "; ";
    report.fallback += done.error().message + ": whole tiles by OpenJPEG";
  }
  if (!header->high_throughput && request.variant == Variant::kBest) {
    auto done = jp2::part1::DecodeRegion(source, *header, wanted, request, out);
    if (done) {
      report.pixels_decoded = *done;
      return report;
    }
    report.fallback = done.error().message + ": by OpenJPEG";
  }
  auto decoder =
      RunDecoder(source, *header, decoded, request.level, request.threads, &report.pixels_decoded);
  if (!decoder) return decoder.error();
  const opj_image_t& image = *(*decoder)->image;
  if (static_cast<int>(image.numcomps) != info->channels) {
    return Fail(ErrorKind::kUnsupported, "{}: {} components came out of a file that declares {}",
                source.name(), image.numcomps, info->channels);
  }
  Planes planes{.bits = header->bits, .is_signed = header->is_signed};
  const ptrdiff_t offset = ptrdiff_t{wanted.y - decoded.y} * decoded.width + (wanted.x - decoded.x);
  for (int c = 0; c < info->channels; ++c) {
    planes.data[static_cast<size_t>(c)] = image.comps[c].data + offset;
    planes.stride_samples[static_cast<size_t>(c)] = decoded.width;
  }
  if (request.variant == Variant::kLibrary) {
    PackPlanesScalar(planes, out);
  } else {
    PackPlanes(planes, out);
  }
  return report;
}

std::string Version() {
  const std::string openjph = jp2::OpenJphVersion();
  return fmt::format("OpenJPEG {}{}{}", opj_version(), openjph.empty() ? "" : ", ", openjph);
}

constexpr std::string_view kExtensions[] = {"jp2", "j2k", "jpf", "jpx"};
constexpr Size kTile = {1024, 1024};

const Recipe kRecipes[] = {
    {.name = "jp2_lossless", .extension = "jp2", .lossless = true, .founding = true},
    {.name = "jp2_10to1",
     .extension = "jp2",
     .founding = true,
     .options = {.compression_ratio = 10}},
    {.name = "jp2_lossless_noplt", .extension = "jp2", .lossless = true, .options = {.plt = false}},
    {.name = "jp2_lossless_tiled",
     .extension = "jp2",
     .lossless = true,
     .options = {.tile = kTile}},
    {.name = "jp2_10to1_tiled",
     .extension = "jp2",
     .options = {.compression_ratio = 10, .tile = kTile}},
#if IIIFBENCH_OPENJPH
    // .jp2 like the others, since servers choose the decoder by the name; the brand inside is "jph
    // ".
    {.name = "htj2k_lossless",
     .extension = "jp2",
     .lossless = true,
     .options = {.high_throughput = true}},
    {.name = "htj2k_10to1",
     .extension = "jp2",
     .options = {.compression_ratio = 10, .high_throughput = true}},
    {.name = "htj2k_lossless_tiled",
     .extension = "jp2",
     .lossless = true,
     .options = {.tile = kTile, .high_throughput = true}},
    {.name = "htj2k_10to1_tiled",
     .extension = "jp2",
     .options = {.compression_ratio = 10, .tile = kTile, .high_throughput = true}},
#endif
};

}  // namespace

extern const Codec jp2_codec;
const Codec jp2_codec = {.name = "jp2",
                         .media_type = "image/jp2",
                         .extensions = kExtensions,
                         .recognises = Recognises,
                         .probe = Probe,
                         .decode = Decode,
                         .encode = jp2::Encode,
                         .build_index = nullptr,
                         .version = Version,
                         .recipes = kRecipes};

}  // namespace iiifbench
