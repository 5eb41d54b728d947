#include "kernels/codecs/jp2/ht/region.h"

#include <algorithm>

#include "kernels/codecs/jp2/ht/blocks.h"
#include "kernels/codecs/jp2/ht/wavelet.h"
#include "kernels/codecs/jp2/openjph.h"
#include "kernels/image/parallel.h"
#include "kernels/pixels/pack_planes.h"

namespace iiifbench::jp2 {
namespace {

// What is synthesised at once: three strips of it fit into a second-level cache.
constexpr int64_t kPartWidth = 512, kPartHeight = 64;
// Code-blocks that are decoded at once: enough to hide a codestream's set-up, few enough to share
// evenly.
constexpr int kBlocksAtOnce = 48;
// Of a plan, about 130 bytes each.
constexpr int64_t kMostBands = int64_t{1} << 21;

// The samples of one tile: as decoded, by band, and as synthesised, by component and resolution.
struct TileSamples {
  std::vector<Plane> bands;
  std::vector<Plane> resolutions;
};

struct Run {
  Source& source;
  const Header& header;
  const RegionPlan& plan;
  std::vector<const TileData*> data;  // by tile of the plan
  std::vector<TileSamples> samples;
  PixelView out;
  int64_t left = 0, top = 0;  // of the wanted pixels in the resolution

  size_t components() const { return static_cast<size_t>(header.components); }
  size_t bands_each() const { return static_cast<size_t>(1 + 3 * plan.resolution); }
};

TilePlan PlanTile(const Coding& coding, const Tile& tile, const Rect& wanted, int components,
                  int resolution) {
  TilePlan plan{.tile = tile, .grid = {{tile.x0, tile.x1}, {tile.y0, tile.y1}}};
  const auto count = static_cast<size_t>(resolution) + 1;
  plan.all.resize(count), plan.needed.resize(count);
  for (int r = resolution; r >= 0; --r) {
    const auto at = static_cast<size_t>(r);
    plan.all[at] = ResolutionRect(plan.grid, coding.decompositions, r);
    plan.needed[at] =
        r == resolution
            ? Intersect(wanted, plan.all[at])
            : BandRect(WithMargin(plan.needed[at + 1], plan.all[at + 1], coding.reversible), 0);
  }
  for (int c = 0; c < components; ++c) {
    plan.bands.push_back(BlocksTouching(coding, c, 0, 0, plan.all[0], plan.needed[0]));
    for (int r = 1; r <= resolution; ++r) {
      const Rect& all = plan.all[static_cast<size_t>(r)];
      const Rect wide = WithMargin(plan.needed[static_cast<size_t>(r)], all, coding.reversible);
      for (int band = 1; band <= 3; ++band)
        plan.bands.push_back(
            BlocksTouching(coding, c, r, band, BandRect(all, band), BandRect(wide, band)));
    }
  }
  return plan;
}

std::vector<Rect> Parts(const Rect& rect) {
  std::vector<Rect> parts;
  for (int64_t y = rect.y.from; y < rect.y.to; y += kPartHeight)
    for (int64_t x = rect.x.from; x < rect.x.to; x += kPartWidth)
      parts.push_back(Intersect(rect, {{x, x + kPartWidth}, {y, y + kPartHeight}}));
  return parts;
}

Samples Borrow(const Plane& plane) { return {plane.samples.get(), plane.stride, plane.rect}; }

// The bands that resolution `r` of a component is made of.
Level LevelOf(const Run& run, size_t tile, size_t component, int r) {
  const TileSamples& samples = run.samples[tile];
  const size_t first = component * run.bands_each();
  const auto count = static_cast<size_t>(run.plan.resolution) + 1;
  Level level{.all = run.plan.tiles[tile].all[static_cast<size_t>(r)],
              .reversible = run.plan.coding.reversible};
  level.bands[0] =
      Borrow(r == 1 ? samples.bands[first]
                    : samples.resolutions[component * count + static_cast<size_t>(r) - 1]);
  for (int band = 1; band <= 3; ++band)
    level.bands[static_cast<size_t>(band)] =
        Borrow(samples.bands[first + Coding::BandIndex(r, band)]);
  return level;
}

// Tier 1 of every touched code-block: the large bands first, so that the last pieces are small.
Result<void> DecodeBands(Run& run, int threads) {
  struct Piece {
    size_t tile, band;
    int first_row, rows;
  };
  std::vector<Piece> pieces;
  for (int r = run.plan.resolution; r >= 0; --r) {
    for (size_t t = 0; t < run.plan.tiles.size(); ++t) {
      const std::vector<BandBlocks>& bands = run.plan.tiles[t].bands;
      for (size_t b = 0; b < bands.size(); ++b) {
        if (bands[b].resolution != r || bands[b].blocks.empty()) continue;
        const int step = std::max(1, kBlocksAtOnce / bands[b].columns);
        for (int row = 0; row < bands[b].rows; row += step)
          pieces.push_back({t, b, row, std::min(step, bands[b].rows - row)});
      }
    }
  }
  return ForEachWantedPiece(
      static_cast<int>(pieces.size()), threads, run.source.name(), [&](int n) -> Result<void> {
        const Piece& piece = pieces[static_cast<size_t>(n)];
        return DecodeBlocks(run.source, *run.data[piece.tile], run.plan.coding,
                            run.plan.tiles[piece.tile].bands[piece.band], piece.first_row,
                            piece.rows, run.samples[piece.tile].bands[piece.band]);
      });
}

// A resolution below the wanted one, from the one below it.
Result<void> SynthesizeResolution(Run& run, int r, int threads) {
  struct Piece {
    size_t tile, component;
    Rect part;
  };
  std::vector<Piece> pieces;
  const auto count = static_cast<size_t>(run.plan.resolution) + 1;
  for (size_t t = 0; t < run.plan.tiles.size(); ++t) {
    const Rect& needed = run.plan.tiles[t].needed[static_cast<size_t>(r)];
    for (size_t c = 0; c < run.components(); ++c) {
      run.samples[t].resolutions[c * count + static_cast<size_t>(r)] = MakePlane(needed);
      for (const Rect& part : Parts(needed)) pieces.push_back({t, c, part});
    }
  }
  return ForEachWantedPiece(
      static_cast<int>(pieces.size()), threads, run.source.name(), [&](int n) -> Result<void> {
        thread_local WaveletScratch scratch;
        const auto& [tile, component, part] = pieces[static_cast<size_t>(n)];
        const Strip strip = Synthesize(LevelOf(run, tile, component, r), part, scratch);
        const Plane& to = run.samples[tile].resolutions[component * count + static_cast<size_t>(r)];
        for (int64_t y = part.y.from; y < part.y.to; ++y) {
          const int32_t* from = strip.first + (y - part.y.from) * strip.stride;
          std::copy(from, from + part.x.size(), to.At(part.x.from, y));
        }
        return {};
      });
}

// The wanted resolution, strip by strip down to pixels.
Result<void> SynthesizePixels(Run& run, int threads) {
  struct Piece {
    size_t tile;
    Rect part;
  };
  std::vector<Piece> pieces;
  for (size_t t = 0; t < run.plan.tiles.size(); ++t)
    for (const Rect& part : Parts(run.plan.tiles[t].needed.back())) pieces.push_back({t, part});
  return ForEachWantedPiece(
      static_cast<int>(pieces.size()), threads, run.source.name(), [&](int n) -> Result<void> {
        thread_local std::array<WaveletScratch, 3> scratch;
        const auto& [tile, part] = pieces[static_cast<size_t>(n)];
        std::array<int32_t*, 3> first{};
        ptrdiff_t stride = 0;
        for (size_t c = 0; c < run.components(); ++c) {
          if (run.plan.resolution == 0) {  // no wavelet: in place, parts do not share vectors
            const Plane& plane = run.samples[tile].bands[c];
            first[c] = plane.At(part.x.from, part.y.from), stride = plane.stride;
          } else {
            const Strip strip =
                Synthesize(LevelOf(run, tile, c, run.plan.resolution), part, scratch[c]);
            first[c] = strip.first, stride = strip.stride;
          }
        }
        const auto width = static_cast<int>(part.x.size()),
                   height = static_cast<int>(part.y.size());
        UndoColour(first, run.header.components, stride, width, height, run.plan.coding.reversible,
                   run.plan.coding.colour_transform, 1 << (run.header.bits - 1));
        Planes planes{.data = {first[0], first[1], first[2]},
                      .stride_samples = {stride, stride, stride},
                      .bits = run.header.bits};
        PackPlanes(planes, run.out.crop({static_cast<int>(part.x.from - run.left),
                                         static_cast<int>(part.y.from - run.top), width, height}));
        return {};
      });
}

}  // namespace

Result<RegionPlan> PlanRegion(Source& source, const Header& header, const Region& wanted,
                              int level) {
  auto coding = ReadCoding(source, header);
  if (!coding) return coding.error();
  RegionPlan plan{.coding = *coding, .wanted = wanted, .level = level};
  plan.resolution = coding->decompositions - level;
  plan.touched = TilesTouching(header, wanted, level);
  const int64_t bands = static_cast<int64_t>(plan.touched.tiles.size()) * header.components *
                        (1 + 3 * plan.resolution);
  if (bands > kMostBands)
    return Fail(ErrorKind::kTooLarge, "{}: JPEG 2000: {} bands of {} tiles, beyond the limit of {}",
                source.name(), bands, plan.touched.tiles.size(), kMostBands);
  const Rect image = ResolutionRect({{header.x0, header.x1}, {header.y0, header.y1}}, level, 0);
  const Rect pixels = {{image.x.from + wanted.x, image.x.from + wanted.right()},
                       {image.y.from + wanted.y, image.y.from + wanted.bottom()}};
  for (const Tile& tile : plan.touched.tiles) {
    plan.tiles.push_back(PlanTile(plan.coding, tile, pixels, header.components, plan.resolution));
    for (const BandBlocks& band : plan.tiles.back().bands) {
      const int64_t columns = band.columns, rows = band.rows;
      if (band.component == 0)
        plan.samples += (columns << band.width_log) * (rows << band.height_log);
      plan.memory_bytes += PlaneBytes(band.needed) + columns * rows * int64_t{sizeof(Block)};
    }
    for (int r = 1; r < plan.resolution; ++r)
      plan.memory_bytes +=
          PlaneBytes(plan.tiles.back().needed[static_cast<size_t>(r)]) * header.components;
    // OpenJPH 0.9.0 gives wrong rows of a tile whose signal shrinks to one sample on the way.
    for (int r = 1; r <= plan.resolution; ++r) {
      const Rect& all = plan.tiles.back().all[static_cast<size_t>(r)];
      plan.rows_are_right = plan.rows_are_right && all.x.size() > 1 && all.y.size() > 1;
    }
  }
  return plan;
}

bool RegionPays(const RegionPlan& plan, int threads) {
  if (!plan.rows_are_right) return true;
  const auto tiles = static_cast<int>(plan.touched.tiles.size());
  const int64_t rows = PixelsFromTheTop(plan.touched.tiles, plan.wanted);
  return plan.samples * std::min(threads, tiles) < rows * threads;
}

Result<void> DecodeRegion(Source& source, const Header& header, RegionPlan& plan, int threads,
                          PixelView out) {
  auto extents = TouchedExtents(source, header, plan.touched.first_column, plan.touched.last_column,
                                plan.touched.first_row, plan.touched.last_row);
  if (!extents) return extents.error();
  auto data = FindTileData(source, header, *extents);
  if (!data) return data.error();
  const Rect image =
      ResolutionRect({{header.x0, header.x1}, {header.y0, header.y1}}, plan.level, 0);
  Run run{.source = source,
          .header = header,
          .plan = plan,
          .out = out,
          .left = image.x.from + plan.wanted.x,
          .top = image.y.from + plan.wanted.y};
  for (const TilePlan& tile : plan.tiles) run.data.push_back(&(*data)[tile.tile.number]);
  for (TilePlan& tile : plan.tiles)
    for (BandBlocks& band : tile.bands) MakeBlocks(band);
  auto done =
      ForEachWantedPiece(static_cast<int>(plan.tiles.size()), threads, source.name(), [&](int n) {
        TilePlan& tile = plan.tiles[static_cast<size_t>(n)];
        return WalkPackets(source, *run.data[static_cast<size_t>(n)], plan.coding, tile.grid,
                           header.components, plan.resolution, tile.bands);
      });
  if (!done) return done;
  const auto resolutions = run.components() * (static_cast<size_t>(plan.resolution) + 1);
  for (const TilePlan& tile : plan.tiles) {
    TileSamples& samples = run.samples.emplace_back();
    for (const BandBlocks& band : tile.bands) samples.bands.push_back(MakePlane(band.needed));
    samples.resolutions.resize(resolutions);
  }
  done = DecodeBands(run, threads);
  for (int r = 1; done && r < plan.resolution; ++r) done = SynthesizeResolution(run, r, threads);
  if (done) done = SynthesizePixels(run, threads);
  return done;
}

}  // namespace iiifbench::jp2
