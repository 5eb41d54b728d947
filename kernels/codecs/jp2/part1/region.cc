#include "kernels/codecs/jp2/part1/region.h"

#include <algorithm>
#include <cstring>

#include "kernels/codecs/jp2/ht/wavelet.h"
#include "kernels/codecs/jp2/part1/blocks.h"
#include "kernels/codecs/jp2/tiles.h"
#include "kernels/image/parallel.h"
#include "kernels/pixels/pack_planes.h"

namespace iiifbench::jp2::part1 {
namespace {

// What is synthesised at once: three strips of it fit into a second-level cache.
constexpr int64_t kPartWidth = 512, kPartHeight = 64;
// Tiles are decoded together up to so many samples of a component.
constexpr int64_t kGroupSamples = int64_t{2} << 20;
// Blocks that are decoded at once: more fill the lanes better, fewer are shared more evenly.
constexpr size_t kFewestAtOnce = 96, kMostAtOnce = 384;

struct ComponentWork {
  int resolution = 0;             // the level's
  std::vector<Rect> all, needed;  // by resolution: the tile, and what of it is synthesised
  size_t first_band = 0;          // of its bands, in the order of Coding::BandIndex
  std::vector<Plane> bands, resolutions;
};

struct TileWork {
  Tile tile;
  Rect grid;  // on the reference grid
  const TileStream* stream = nullptr;
  TileCoding coding;
  TileBlocks blocks;
  std::vector<ComponentWork> components;
  int64_t samples = 0, touched = 0;  // of the first component: synthesised; in touched blocks
};

struct Run {
  Source& source;
  const Header& header;
  PixelView out;
  Rect pixels;  // wanted, of the resolution
  int level = 0, threads = 1;
  std::vector<TileWork> tiles;  // of the group
};

Result<void> PlanTile(Run& run, TileWork& work) {
  for (int c = 0; c < run.out.channels; ++c) {
    const Coding& coding = work.coding.components[static_cast<size_t>(c)];
    ComponentWork& plan = work.components.emplace_back();
    plan.resolution = coding.decompositions - run.level;
    if (plan.resolution < 0)
      return Fail(ErrorKind::kUnsupported,
                  "{}: JPEG 2000 part 1 here: a tile of {} decompositions at level {}",
                  run.source.name(), coding.decompositions, run.level);
    const auto count = static_cast<size_t>(plan.resolution) + 1;
    plan.all.resize(count), plan.needed.resize(count);
    for (size_t r = count; r-- > 0;) {
      plan.all[r] = ResolutionRect(work.grid, coding.decompositions, static_cast<int>(r));
      plan.needed[r] =
          r + 1 == count
              ? Intersect(run.pixels, plan.all[r])
              : BandRect(WithMargin(plan.needed[r + 1], plan.all[r + 1], coding.reversible), 0);
    }
    plan.first_band = work.blocks.bands.size();
    work.blocks.bands.push_back(PlanBand(coding, c, 0, 0, plan.all[0], plan.needed[0]));
    for (size_t r = 1; r < count; ++r) {
      const Rect wide = WithMargin(plan.needed[r], plan.all[r], coding.reversible);
      for (int band = 1; band <= 3; ++band)
        work.blocks.bands.push_back(PlanBand(coding, c, static_cast<int>(r), band,
                                             BandRect(plan.all[r], band), BandRect(wide, band)));
    }
  }
  for (const Band& band : work.blocks.bands) {
    if (band.component > 0) continue;
    work.samples += band.needed.area();
    work.touched +=
        (int64_t{band.columns} << band.width_log) * (int64_t{band.rows} << band.height_log);
  }
  if (!work.coding.colour_transform || run.out.channels < 3) return {};
  for (size_t c = 1; c < 3; ++c)
    if (work.coding.components[c].reversible != work.coding.components[0].reversible)
      return Fail(ErrorKind::kUnsupported,
                  "{}: JPEG 2000 part 1 here: a component transformation over two wavelets",
                  run.source.name());
  return {};
}

std::vector<Rect> Parts(const Rect& rect) {
  std::vector<Rect> parts;
  for (int64_t y = rect.y.from; y < rect.y.to; y += kPartHeight)
    for (int64_t x = rect.x.from; x < rect.x.to; x += kPartWidth)
      parts.push_back(Intersect(rect, {{x, x + kPartWidth}, {y, y + kPartHeight}}));
  return parts;
}

// A block that is not in the file.
void ClearBlock(const Rect& block, const Plane& to) {
  const Rect kept = Intersect(block, to.rect);
  for (int64_t y = kept.y.from; y < kept.y.to; ++y)
    std::memset(to.At(kept.x.from, y), 0, static_cast<size_t>(kept.x.size()) * sizeof(int32_t));
}

// Tier 1 of every touched code-block of the group.
Result<void> DecodeBands(Run& run) {
  std::vector<BlockJob> jobs;
  for (TileWork& work : run.tiles) {
    for (size_t c = 0; c < work.components.size(); ++c) {
      ComponentWork& component = work.components[c];
      const auto count = static_cast<size_t>(3 * component.resolution + 1);
      for (size_t b = 0; b < count; ++b) {
        const Band& band = work.blocks.bands[component.first_band + b];
        component.bands.push_back(MakePlane(band.needed));
      }
      for (size_t b = 0; b < count; ++b) {
        const Band& band = work.blocks.bands[component.first_band + b];
        for (size_t i = 0; i < band.blocks.size(); ++i) {
          const auto columns = static_cast<size_t>(band.columns);
          const int64_t x = band.first_column + static_cast<int64_t>(i % columns),
                        y = band.first_row + static_cast<int64_t>(i / columns);
          const Rect rect =
              Intersect(band.all, {{x << band.width_log, (x + 1) << band.width_log},
                                   {y << band.height_log, (y + 1) << band.height_log}});
          if (rect.empty()) continue;
          if (band.blocks[i].passes == 0) {
            ClearBlock(rect, component.bands[b]);
            continue;
          }
          jobs.push_back({&work.stream->data, &work.blocks.pieces, &work.coding.components[c],
                          &band, &band.blocks[i], rect, &component.bands[b]});
        }
      }
    }
  }
  const auto threads = static_cast<size_t>(run.threads);
  const size_t at_once = run.threads == 1
                             ? kMostAtOnce
                             : std::clamp(jobs.size() / (4 * threads), kFewestAtOnce, kMostAtOnce);
  const size_t pieces = (jobs.size() + at_once - 1) / at_once;
  return ForEachPiece(static_cast<int>(pieces), run.threads, [&](int n) {
    const size_t from = static_cast<size_t>(n) * at_once;
    return DecodeBlocks(run.source,
                        std::span(jobs).subspan(from, std::min(at_once, jobs.size() - from)));
  });
}

Samples Borrow(const Plane& plane) { return {plane.samples.get(), plane.stride, plane.rect}; }

// The bands that resolution `r` of a component is made of.
Level LevelOf(const TileWork& work, size_t component, size_t r) {
  const ComponentWork& c = work.components[component];
  Level level{.all = c.all[r], .reversible = work.coding.components[component].reversible};
  level.bands[0] = Borrow(r == 1 ? c.bands[0] : c.resolutions[r - 1]);
  for (size_t band = 1; band <= 3; ++band) level.bands[band] = Borrow(c.bands[3 * (r - 1) + band]);
  return level;
}

// The resolutions `below` the wanted one, from the one below them.
Result<void> SynthesizeResolution(Run& run, int below) {
  struct Piece {
    size_t tile, component, resolution;
    Rect part;
  };
  std::vector<Piece> pieces;
  for (size_t t = 0; t < run.tiles.size(); ++t) {
    for (size_t c = 0; c < run.tiles[t].components.size(); ++c) {
      ComponentWork& component = run.tiles[t].components[c];
      const int r = component.resolution - below;
      if (r < 1) continue;
      const auto at = static_cast<size_t>(r);
      component.resolutions.resize(static_cast<size_t>(component.resolution) + 1);
      component.resolutions[at] = MakePlane(component.needed[at]);
      for (const Rect& part : Parts(component.needed[at])) pieces.push_back({t, c, at, part});
    }
  }
  return ForEachPiece(static_cast<int>(pieces.size()), run.threads, [&](int n) -> Result<void> {
    thread_local WaveletScratch scratch;
    const auto& [tile, component, r, part] = pieces[static_cast<size_t>(n)];
    const Strip strip = Synthesize(LevelOf(run.tiles[tile], component, r), part, scratch);
    const Plane& to = run.tiles[tile].components[component].resolutions[r];
    for (int64_t y = part.y.from; y < part.y.to; ++y) {
      const int32_t* from = strip.first + (y - part.y.from) * strip.stride;
      std::copy(from, from + part.x.size(), to.At(part.x.from, y));
    }
    return {};
  });
}

// The wanted resolution, strip by strip down to pixels.
Result<void> SynthesizePixels(Run& run) {
  struct Piece {
    size_t tile;
    Rect part;
  };
  std::vector<Piece> pieces;
  for (size_t t = 0; t < run.tiles.size(); ++t)
    for (const Rect& part : Parts(run.tiles[t].components[0].needed.back()))
      pieces.push_back({t, part});
  return ForEachPiece(static_cast<int>(pieces.size()), run.threads, [&](int n) -> Result<void> {
    thread_local std::array<WaveletScratch, 3> scratch;
    const auto& [tile, part] = pieces[static_cast<size_t>(n)];
    const TileWork& work = run.tiles[tile];
    const auto width = static_cast<int>(part.x.size()), height = static_cast<int>(part.y.size());
    std::array<int32_t*, 3> first{};
    std::array<ptrdiff_t, 3> stride{};
    for (size_t c = 0; c < work.components.size(); ++c) {
      const ComponentWork& component = work.components[c];
      if (component.resolution == 0) {  // no wavelet: in place, parts do not share vectors
        const Plane& plane = component.bands[0];
        first[c] = plane.At(part.x.from, part.y.from), stride[c] = plane.stride;
      } else {
        const Strip strip = Synthesize(LevelOf(work, c, static_cast<size_t>(component.resolution)),
                                       part, scratch[c]);
        first[c] = strip.first, stride[c] = strip.stride;
      }
    }
    const int32_t offset = 1 << (run.header.bits - 1);
    if (work.coding.colour_transform && work.components.size() == 3 && stride[0] == stride[1] &&
        stride[0] == stride[2]) {
      UndoColour(first, 3, stride[0], width, height, work.coding.components[0].reversible, true,
                 offset);
    } else {
      for (size_t c = 0; c < work.components.size(); ++c)
        UndoColour({first[c], nullptr, nullptr}, 1, stride[c], width, height,
                   work.coding.components[c].reversible, false, offset);
    }
    Planes planes{.bits = run.header.bits};
    for (size_t c = 0; c < 3; ++c) planes.data[c] = first[c], planes.stride_samples[c] = stride[c];
    PackPlanes(planes,
               run.out.crop({static_cast<int>(part.x.from - run.pixels.x.from),
                             static_cast<int>(part.y.from - run.pixels.y.from), width, height}));
    return {};
  });
}

Result<void> DecodeGroup(Run& run) {
  auto done = ForEachPiece(static_cast<int>(run.tiles.size()), run.threads, [&](int n) {
    TileWork& work = run.tiles[static_cast<size_t>(n)];
    return WalkPackets(run.source, *work.stream, work.coding, work.grid, work.blocks);
  });
  if (done) done = DecodeBands(run);
  int most = 0;
  for (const TileWork& work : run.tiles)
    for (const ComponentWork& component : work.components)
      most = std::max(most, component.resolution);
  for (int below = most - 1; done && below >= 1; --below) done = SynthesizeResolution(run, below);
  if (done) done = SynthesizePixels(run);
  run.tiles.clear();
  return done;
}

int64_t MemoryOf(const TileWork& work) {
  int64_t bytes = 0;
  for (const Band& band : work.blocks.bands)
    bytes += PlaneBytes(band.needed) + static_cast<int64_t>(band.blocks.size() * sizeof(Block));
  for (const ComponentWork& component : work.components)
    for (size_t r = 1; r + 1 < component.needed.size(); ++r)
      bytes += PlaneBytes(component.needed[r]);
  return bytes;
}

}  // namespace

Result<int64_t> DecodeRegion(Source& source, const Header& header, const Region& wanted,
                             const DecodeRequest& request, PixelView out) {
  const auto unsupported = [&](std::string_view what) {
    return Fail(ErrorKind::kUnsupported, "{}: JPEG 2000 part 1 here: {}", source.name(), what);
  };
  if (header.high_throughput) return unsupported("high throughput");
  if (header.subsampled) return unsupported("subsampled components");
  if (!header.same_depth) return unsupported("components of unlike depth");
  if (header.bits > 16) return unsupported("more than 16 bits");
  Markers main;
  auto read =
      ReadMarkers(source, header, header.codestream + 2, header.first_tile_part, false, main);
  if (!read) return read.error();
  const TouchedTiles touched = TilesTouching(header, wanted, request.level);
  auto extents = TouchedExtents(source, header, touched.first_column, touched.last_column,
                                touched.first_row, touched.last_row);
  if (!extents) return extents.error();
  auto streams = ReadTileStreams(source, header, main, *extents);
  if (!streams) return streams.error();
  const Rect image =
      ResolutionRect({{header.x0, header.x1}, {header.y0, header.y1}}, request.level, 0);
  Run run{.source = source,
          .header = header,
          .out = out,
          .pixels = {{image.x.from + wanted.x, image.x.from + wanted.right()},
                     {image.y.from + wanted.y, image.y.from + wanted.bottom()}},
          .level = request.level,
          .threads = std::max(1, request.threads)};
  int64_t samples = 0, memory = 0, decoded = 0;
  for (const Tile& tile : touched.tiles) {
    TileWork work{.tile = tile, .grid = {{tile.x0, tile.x1}, {tile.y0, tile.y1}}};
    work.stream = &(*streams)[tile.number];
    auto coding = ResolveCoding(source, header, main, work.stream->markers);
    if (!coding) return coding.error();
    work.coding = std::move(*coding);
    auto planned = PlanTile(run, work);
    if (!planned) return planned.error();
    if (!run.tiles.empty() && samples + work.samples > kGroupSamples) {
      auto done = DecodeGroup(run);
      if (!done) return done.error();
      samples = memory = 0;
    }
    samples += work.samples, memory += MemoryOf(work), decoded += work.touched;
    if (memory > request.limits.max_memory_bytes)
      return Fail(ErrorKind::kTooLarge, "{}: {} bytes of samples are beyond the limit of {}",
                  source.name(), memory, request.limits.max_memory_bytes);
    run.tiles.push_back(std::move(work));
  }
  auto done = DecodeGroup(run);
  if (!done) return done.error();
  return decoded;
}

}  // namespace iiifbench::jp2::part1
