#include "kernels/codecs/jp2/openjpeg.h"

#include <algorithm>
#include <array>

#include "kernels/codecs/jp2/container/paint.h"
#include "kernels/codecs/jp2/packets/body_markers.h"
#include "kernels/codecs/jp2/stream.h"

namespace iiifbench::jp2 {
namespace {

// What OpenJPEG 2.5.0 allocates, measured on empty files of one kind each (growth of the peak by
// their number): a tile's parameters with its index of markers 8.5 kB, its component 1 kB, a
// code-block 380 bytes and 240 of segments once it is coded, a precinct in three bands 500 bytes.
constexpr int64_t kTileBytes = 9000, kComponentBytes = 1200, kBlockBytes = 620,
                  kPrecinctBytes = 800;
constexpr int64_t kFreeBytes = int64_t{48} << 20, kBytesAByte = 64;

int64_t UpDiv(int64_t value, int64_t by) { return (value + by - 1) / by; }
int64_t UpShift(int64_t value, int shift) { return (value + (int64_t{1} << shift) - 1) >> shift; }

// On the reference grid.
struct Area {
  int64_t x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};

struct Job {
  Source& source;
  const Header& header;
  const Channels& channels;
  const DecodeRequest& request;
};

// The coarsest component in use decides what the area is rounded to, so that a pixel has its sample
// of each.
Area AreaOf(const Job& job, const LevelFrame& wanted, int level) {
  int ratio_x = 1, ratio_y = 1;
  for (const MappedChannel& c : job.channels.colours) {
    const Component& component = job.header.component[static_cast<size_t>(c.component)];
    ratio_x = std::max(ratio_x, component.dx / job.channels.dx);
    ratio_y = std::max(ratio_y, component.dy / job.channels.dy);
  }
  const auto down = [level](int64_t at, int ratio, int step) {
    return ((at / ratio * ratio) << level) * step;
  };
  const auto up = [level](int64_t at, int ratio, int step) {
    return (UpDiv(at, ratio) * ratio << level) * step;
  };
  const Header& h = job.header;
  return {.x0 = std::clamp(down(wanted.x0, ratio_x, job.channels.dx), h.x0, h.x1 - 1),
          .y0 = std::clamp(down(wanted.y0, ratio_y, job.channels.dy), h.y0, h.y1 - 1),
          .x1 = std::clamp(up(wanted.x1, ratio_x, job.channels.dx), h.x0 + 1, h.x1),
          .y1 = std::clamp(up(wanted.y1, ratio_y, job.channels.dy), h.y0 + 1, h.y1)};
}

// `area` grown to whole tiles.
Area TilesOf(const Header& h, const Area& area) {
  const auto down = [](int64_t at, int64_t origin, int64_t tile) {
    return origin + (at - origin) / tile * tile;
  };
  return {.x0 = std::max(h.x0, down(area.x0, h.tile_x0, h.tile_width)),
          .y0 = std::max(h.y0, down(area.y0, h.tile_y0, h.tile_height)),
          .x1 = std::min(h.x1, down(area.x1 - 1, h.tile_x0, h.tile_width) + h.tile_width),
          .y1 = std::min(h.y1, down(area.y1 - 1, h.tile_y0, h.tile_height) + h.tile_height)};
}

Error TooLarge(const Job& job, std::string_view what) {
  return Fail(ErrorKind::kTooLarge, "{}: JPEG 2000: {}", job.source.name(), what);
}

Result<void> CheckPixels(const Job& job, const Area& area, int level) {
  const int64_t pixels = UpShift(UpDiv(area.x1 - area.x0, job.channels.dx), level) *
                         UpShift(UpDiv(area.y1 - area.y0, job.channels.dy), level);
  const DecodeLimits& limits = job.request.limits;
  if (pixels > limits.max_pixels ||
      pixels * job.header.components * int64_t{sizeof(int32_t)} > limits.max_memory_bytes)
    return TooLarge(job, fmt::format("{} pixels of {} components are beyond the limit of {} pixels "
                                     "or {} bytes",
                                     pixels, job.header.components, limits.max_pixels,
                                     limits.max_memory_bytes));
  return {};
}

// Before the library builds anything.
Result<void> CheckMemory(const Job& job, int64_t bytes, std::string_view of) {
  const int64_t most =
      std::min(job.request.limits.max_memory_bytes, kFreeBytes + kBytesAByte * job.source.size());
  if (bytes <= most) return {};
  return TooLarge(job, fmt::format("{} would take {} MB of memory, beyond the limit of {} MB", of,
                                   bytes >> 20, most >> 20));
}

int64_t BytesOfTiles(const Header& h) {
  return h.tiles_across() * h.tiles_down() * (kTileBytes + h.components * kComponentBytes);
}

Result<void> CheckDemands(const Job& job, const TileDemands& tile) {
  auto blocks = CheckMemory(
      job, BytesOfTiles(job.header) + tile.blocks * kBlockBytes + tile.precincts * kPrecinctBytes,
      fmt::format("{} code-blocks and {} precincts of a tile", tile.blocks, tile.precincts));
  if (!blocks) return blocks;
  // It notes for each packet of the tile, in the largest grid of precincts, whether it came.
  return CheckMemory(job, tile.packets * 2 * (job.header.decompositions + 1),
                     fmt::format("{} packets of a tile", tile.packets));
}

struct Opened {
  std::unique_ptr<Decoder> decoder;
  std::vector<ComponentSamples> samples;  // by component
};

Result<Opened> Run(const Job& job, std::vector<Extent> extents, const Area& area, int level) {
  auto opened = OpenDecoder(job.source, std::move(extents), level, job.request.threads);
  if (!opened) return opened.error();
  Decoder& d = **opened;
  if (!opj_set_decode_area(d.codec.get(), d.image.get(), static_cast<OPJ_INT32>(area.x0),
                           static_cast<OPJ_INT32>(area.y0), static_cast<OPJ_INT32>(area.x1),
                           static_cast<OPJ_INT32>(area.y1)))
    return d.Failure("set area");
  if (!opj_decode(d.codec.get(), d.stream.get(), d.image.get())) return d.Failure("decode");
  if (d.Complained()) return d.Failure("decode");
  const opj_image_t& image = *d.image;
  if (static_cast<int>(image.numcomps) != job.header.components)
    return Fail(ErrorKind::kBadInput, "OpenJPEG: {}: {} components came out of {}",
                job.source.name(), image.numcomps, job.header.components);
  Opened result{.decoder = std::move(*opened)};
  for (int c = 0; c < job.header.components; ++c) {
    const Component& component = job.header.component[static_cast<size_t>(c)];
    const opj_image_comp_t& out = image.comps[c];
    const auto at = [level](int64_t v, int step) { return UpShift(UpDiv(v, step), level); };
    ComponentSamples samples{
        .first = out.data,
        .stride_samples = out.w,
        .x = at(area.x0, component.dx),
        .y = at(area.y0, component.dy),
        .width = static_cast<int>(at(area.x1, component.dx) - at(area.x0, component.dx)),
        .height = static_cast<int>(at(area.y1, component.dy) - at(area.y0, component.dy))};
    const bool used = std::any_of(job.channels.colours.begin(), job.channels.colours.end(),
                                  [c](const MappedChannel& m) { return m.component == c; });
    if (used &&
        (out.data == nullptr || samples.width < 1 || samples.height < 1 ||
         static_cast<int>(out.w) != samples.width || static_cast<int>(out.h) != samples.height))
      return Fail(ErrorKind::kBadInput,
                  "OpenJPEG: {}: component {} came out as {}x{} instead of {}x{}",
                  job.source.name(), c, out.w, out.h, samples.width, samples.height);
    result.samples.push_back(samples);
  }
  return result;
}

// Pixel x of `out` is the mean of [x step, (x + 1) step) of `fine`, as far as that goes; both
// absolute.
void Average(const Image& fine, const LevelFrame& fine_frame, int shift, const LevelFrame& frame,
             PixelView out) {
  const int64_t step = int64_t{1} << shift;
  const ConstPixelView from = fine.view();
  for (int y = 0; y < out.height; ++y) {
    const int64_t top = std::max((frame.y0 + y) * step, fine_frame.y0),
                  bottom = std::min((frame.y0 + y + 1) * step, fine_frame.y1);
    for (int x = 0; x < out.width; ++x) {
      const int64_t left = std::max((frame.x0 + x) * step, fine_frame.x0),
                    right = std::min((frame.x0 + x + 1) * step, fine_frame.x1);
      const int64_t count = (right - left) * (bottom - top);
      for (int c = 0; c < out.channels; ++c) {
        int64_t sum = count / 2;
        for (int64_t v = top; v < bottom; ++v) {
          const uint8_t* row = from.row(static_cast<int>(v - fine_frame.y0));
          for (int64_t u = left; u < right; ++u) sum += row[(u - fine_frame.x0) * out.channels + c];
        }
        out.row(y)[x * out.channels + c] = static_cast<uint8_t>(sum / count);
      }
    }
  }
}

// The same at a finer level, for tiles that end there.
Result<void> DecodeFiner(const Job& job, std::vector<Extent> extents, const LevelFrame& wanted,
                         int level, int finer, bool whole, DecodeReport& report, PixelView out) {
  const int shift = level - finer;
  const LevelFrame all = FrameOf(job.header, job.channels, finer);
  const LevelFrame fine = {.x0 = std::max(wanted.x0 << shift, all.x0),
                           .y0 = std::max(wanted.y0 << shift, all.y0),
                           .x1 = std::min(wanted.x1 << shift, all.x1),
                           .y1 = std::min(wanted.y1 << shift, all.y1)};
  const Header& h = job.header;
  Area area = whole ? Area{h.x0, h.y0, h.x1, h.y1} : AreaOf(job, fine, finer);
  if (h.high_throughput) area = TilesOf(h, area);
  auto checked = CheckPixels(job, area, finer);
  if (!checked) return checked;
  auto opened = Run(job, std::move(extents), area, finer);
  if (!opened) return opened.error();
  Image pixels({static_cast<int>(fine.x1 - fine.x0), static_cast<int>(fine.y1 - fine.y0)},
               out.channels);
  Paint(h.boxes, job.channels, h.component, opened->samples, fine.x0, fine.y0,
        job.request.variant == Variant::kLibrary, pixels.view());
  Average(pixels, fine, shift, wanted, out);
  report.pixels_decoded = pixels.size().pixels();
  return {};
}

void AddFallback(std::string_view why, DecodeReport& report) {
  if (!report.fallback.empty()) report.fallback += "; ";
  report.fallback += why;
}

}  // namespace

LevelFrame FrameOf(const Header& header, const Channels& channels, int level) {
  const auto at = [level](int64_t v, int step) { return UpShift(UpDiv(v, step), level); };
  return {.x0 = at(header.x0, channels.dx),
          .y0 = at(header.y0, channels.dy),
          .x1 = at(header.x1, channels.dx),
          .y1 = at(header.y1, channels.dy)};
}

Result<void> DecodeByOpenJpeg(Source& source, const Header& h, const Channels& channels,
                              const Region& region, const DecodeRequest& request,
                              DecodeReport& report, PixelView out) {
  const Job job{source, h, channels, request};
  const int level = request.level;
  const bool scalar = request.variant == Variant::kLibrary;
  const LevelFrame frame = FrameOf(h, channels, level);
  const LevelFrame wanted = {.x0 = frame.x0 + region.x,
                             .y0 = frame.y0 + region.y,
                             .x1 = frame.x0 + region.right(),
                             .y1 = frame.y0 + region.bottom()};
  const Area everything = {h.x0, h.y0, h.x1, h.y1};
  Area area = request.variant == Variant::kNaive ? everything : AreaOf(job, wanted, level);
  if (h.high_throughput) area = TilesOf(h, area);
  auto checked = CheckPixels(job, area, level);
  if (checked)
    checked = CheckMemory(
        job, BytesOfTiles(h),
        fmt::format("{} tiles of {} components", h.tiles_across() * h.tiles_down(), h.components));
  if (!checked) return checked;
  TileDemands demands{.of_all_tiles = level > 0};
  const auto extents_of = [&](const Area& a) {
    return TouchedExtents(source, h, (a.x0 - h.tile_x0) / h.tile_width,
                          (a.x1 - 1 - h.tile_x0) / h.tile_width, (a.y0 - h.tile_y0) / h.tile_height,
                          (a.y1 - 1 - h.tile_y0) / h.tile_height, &demands);
  };
  auto extents = extents_of(area);
  if (!extents) return extents.error();
  if (demands.packed_headers && request.variant != Variant::kNaive) {
    AddFallback("packed packet headers: the whole level by OpenJPEG", report);
    area = everything;
    checked = CheckPixels(job, area, level);
    if (!checked) return checked;
    extents = extents_of(area);
    if (!extents) return extents.error();
  }
  checked = CheckDemands(job, demands);
  if (checked && h.high_throughput)
    checked = CheckPacketsForMarkers(source, h, *extents, request.variant == Variant::kBest);
  if (!checked) return checked;
  if (demands.fewest_decompositions < level) {
    AddFallback(fmt::format("a tile has only {} decompositions: averaged from a finer level",
                            demands.fewest_decompositions),
                report);
    return DecodeFiner(job, std::move(*extents), wanted, level, demands.fewest_decompositions,
                       demands.packed_headers || request.variant == Variant::kNaive, report, out);
  }
  auto opened = Run(job, std::move(*extents), area, level);
  if (!opened) return opened.error();
  Paint(h.boxes, channels, h.component, opened->samples, wanted.x0, wanted.y0, scalar, out);
  report.pixels_decoded = UpShift(UpDiv(area.x1 - area.x0, channels.dx), level) *
                          UpShift(UpDiv(area.y1 - area.y0, channels.dy), level);
  return {};
}

}  // namespace iiifbench::jp2
