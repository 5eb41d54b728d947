// JPEG 2000 (ITU-T T.800) by OpenJPEG: JP2 files and raw codestreams, 1 to 16 bits a component;
// grey, RGB, sYCC, palettes and CMYK, subsampled or not, as grey or RGB of 8 bits; opacity is
// dropped.
//
// library: decode area + reduction through a stream that reads only what is touched. best: our own
// packets, tier 1 and wavelet over the code-blocks of the region (jp2/part1/region.h), 2 to 4 times
// as fast. What they do not cover goes to OpenJPEG, and the report says why; so does a tile without
// all of its packets, which some writers leave out. Damage that they find is an error. naive: the
// whole level, then the crop.
//
// HTJ2K (T.814) takes another road, because OpenJPEG 2.5.0 answers mid-grey, with success, for an
// area inside an HT tile: best is OpenJPH over the code-blocks of the region, or over rows where
// most of them are wanted; library is OpenJPEG over whole tiles.
#include <algorithm>
#include <new>

#include "kernels/codecs/codec.h"
#include "kernels/codecs/jp2/encode.h"
#include "kernels/codecs/jp2/ht/region.h"
#include "kernels/codecs/jp2/openjpeg.h"
#include "kernels/codecs/jp2/openjph.h"
#include "kernels/codecs/jp2/part1/region.h"
#include "kernels/codecs/jp2/stream.h"

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

// A file as both need it: its header and which components make the picture.
struct Described {
  jp2::Header header;
  jp2::Channels channels;
  ImageInfo info;
};

std::string Detail(const jp2::Header& h, const jp2::Channels& channels, const ImageInfo& info) {
  std::string detail = DetailOf("jp2", info);
  if (h.boxes.palette) detail += fmt::format(", palette of {}", h.boxes.palette->entries);
  if (channels.model == jp2::ColourModel::kYcc) detail += ", sYCC shown as RGB";
  if (channels.model == jp2::ColourModel::kCmyk) detail += ", CMYK shown as RGB without a profile";
  if (!channels.dropped.empty()) detail += fmt::format(", {} dropped", channels.dropped);
  return detail;
}

Result<Described> Describe(Source& source) {
  auto header = jp2::ReadHeader(source);
  if (!header) return header.error();
  const jp2::Header& h = *header;
  auto channels = jp2::ChannelsOf(source, h.boxes, h.component);
  if (!channels) return channels.error();
  const jp2::MappedChannel& first = channels->colours[0];
  ImageInfo info{.channels = channels->pixel_channels(),
                 .bits_per_sample = h.component[static_cast<size_t>(first.component)].bits};
  // Indices of a palette have no mean: reduced levels of them would be other colours.
  const int levels = h.boxes.palette ? 0 : std::min(h.decompositions, 30);
  for (int n = 0; n <= levels; ++n) {
    const jp2::LevelFrame frame = jp2::FrameOf(h, *channels, n);
    const auto width = static_cast<int>(frame.x1 - frame.x0),
               height = static_cast<int>(frame.y1 - frame.y0);
    if (width < 1 || height < 1) {
      if (n > 0) break;
      return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: no sample of the picture in {}x{}",
                  source.name(), h.x1 - h.x0, h.y1 - h.y0);
    }
    info.levels.push_back({width, height});
  }
  info.size = info.levels[0];
  if (h.tile_width < h.x1 - h.tile_x0 || h.tile_height < h.y1 - h.tile_y0)
    info.tile = {static_cast<int>(std::max<int64_t>(1, h.tile_width / channels->dx)),
                 static_cast<int>(std::max<int64_t>(1, h.tile_height / channels->dy))};
  static constexpr std::string_view kOrders[] = {"LRCP", "RLCP", "RPCL", "PCRL", "CPRL"};
  info.facts = {.compression = "jpeg2000",
                .lossless = h.reversible,
                .high_throughput = h.high_throughput,
                .progression = h.progression < 5 ? kOrders[static_cast<size_t>(h.progression)]
                                                 : "unknown order",
                .decompositions = h.decompositions,
                .layers = h.layers};
  info.detail = Detail(h, *channels, info);
  return Described{
      .header = std::move(*header), .channels = std::move(*channels), .info = std::move(info)};
}

// Damaged or huge files may ask for more than there is.
template <typename Work>
auto Guarded(const Source& source, const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return Fail(ErrorKind::kTooLarge, "{}: JPEG 2000: more memory than there is", source.name());
  }
}

Result<ImageInfo> Probe(Source& source) {
  return Guarded(source, [&]() -> Result<ImageInfo> {
    auto described = Describe(source);
    if (!described) return described.error();
    return std::move(described->info);
  });
}

// The code-blocks of the region where that is cheaper, else rows from the top of each tile. Nothing
// else: what it finds wrong is wrong, and kUnsupported is what it leaves to OpenJPEG.
Result<void> DecodeHighThroughput(Source& source, const Described& file, const Region& wanted,
                                  const DecodeRequest& request, PixelView out,
                                  DecodeReport& report) {
  if (jp2::OpenJphVersion().empty())
    return Fail(ErrorKind::kUnsupported, "{}: this build has no OpenJPH", source.name());
  if (!file.channels.plain)
    return Fail(ErrorKind::kUnsupported, "{}: OpenJPH: components that are not grey or RGB as such",
                source.name());
  auto plan = jp2::PlanRegion(source, file.header, wanted, request.level);
  if (!plan) return plan.error();
  const bool fits = plan->memory_bytes <= request.limits.max_memory_bytes;
  if (jp2::RegionPays(*plan, request.threads) && (fits || !plan->rows_are_right)) {
    if (!fits)
      return Fail(ErrorKind::kTooLarge, "{}: JPEG 2000: {} MB of samples, the limit is {} MB",
                  source.name(), plan->memory_bytes >> 20, request.limits.max_memory_bytes >> 20);
    auto done = jp2::DecodeRegion(source, file.header, *plan, request.threads, out);
    report.pixels_decoded = plan->samples;
    return done;
  }
  auto rows =
      jp2::DecodeByOpenJph(source, file.header, wanted, request.level, request.threads, out);
  if (!rows) return rows.error();
  report.pixels_decoded = *rows;
  return {};
}

Result<DecodeReport> Decode(Source& source, const DecodeRequest& request, PixelView out) {
  return Guarded(source, [&]() -> Result<DecodeReport> {
    auto file = Describe(source);
    if (!file) return file.error();
    const Region wanted = LevelRegion(file->info, request.region, request.level);
    IIIFBENCH_CHECK(out.size() == wanted.size() && out.channels == file->info.channels,
                    "view {}x{}x{} for {}x{}x{}", out.width, out.height, out.channels, wanted.width,
                    wanted.height, file->info.channels);
    if (wanted.size().pixels() > request.limits.max_pixels)
      return Fail(ErrorKind::kTooLarge, "{}: {}x{} pixels are beyond the limit of {}",
                  source.name(), wanted.width, wanted.height, request.limits.max_pixels);
    DecodeReport report;
    if (file->header.high_throughput && request.variant == Variant::kBest) {
      auto done = DecodeHighThroughput(source, *file, wanted, request, out, report);
      if (done) return report;
      if (done.error().kind != ErrorKind::kUnsupported) return done.error();
      report.fallback = done.error().message + ": whole tiles by OpenJPEG";
    }
    if (!file->header.high_throughput && request.variant == Variant::kBest) {
      auto done =
          file->channels.plain
              ? jp2::part1::DecodeRegion(source, file->header, wanted, request, out)
              : Result<int64_t>(Fail(ErrorKind::kUnsupported,
                                     "{}: part 1: components that are not grey or RGB as such",
                                     source.name()));
      if (done) {
        report.pixels_decoded = *done;
        return report;
      }
      if (done.error().kind != ErrorKind::kUnsupported) return done.error();
      report.fallback = done.error().message + ": by OpenJPEG";
    }
    auto done =
        jp2::DecodeByOpenJpeg(source, file->header, file->channels, wanted, request, report, out);
    if (!done) return done.error();
    return report;
  });
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
