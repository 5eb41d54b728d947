#include "kernels/codecs/jp2/part1/region.h"

#include <algorithm>
#include <cstring>

#include "kernels/codecs/jp2/part1/tile_work.h"
#include "kernels/image/parallel.h"
#include "kernels/pixels/pack_planes.h"

namespace iiifbench::jp2::part1 {
namespace {

// What is synthesised at once: three strips of it fit into a second-level cache.
constexpr int64_t kPartWidth = 512, kPartHeight = 64;
// Samples of a component that are decoded together: several tiles, or rows of one. Fewer leave
// lanes of the block decoder empty, more leave the cache.
constexpr int64_t kSamplesAtOnce = int64_t{2} << 20;
constexpr int64_t kFewestRows = 128;
// Blocks that are decoded at once.
constexpr size_t kFewestBlocks = 96, kMostBlocks = 384;

struct Run {
  Source& source;
  const Header& header;
  PixelView out;
  Rect pixels;  // wanted, of the resolution
  int threads = 1;
  int64_t rows_at_once = 0;
  std::vector<TileWork> tiles;  // of the group
};

std::vector<Rect> Parts(const Rect& rect) {
  std::vector<Rect> parts;
  for (int64_t y = rect.y.from; y < rect.y.to; y += kPartHeight)
    for (int64_t x = rect.x.from; x < rect.x.to; x += kPartWidth)
      parts.push_back(Intersect(rect, {{x, x + kPartWidth}, {y, y + kPartHeight}}));
  return parts;
}

Result<void> DecodeJobs(Run& run, const std::vector<BlockJob>& jobs) {
  const auto threads = static_cast<size_t>(run.threads);
  const size_t at_once = run.threads == 1
                             ? kMostBlocks
                             : std::clamp(jobs.size() / (4 * threads), kFewestBlocks, kMostBlocks);
  const size_t pieces = (jobs.size() + at_once - 1) / at_once;
  return ForEachWantedPiece(static_cast<int>(pieces), run.threads, run.source.name(), [&](int n) {
    const size_t from = static_cast<size_t>(n) * at_once;
    return DecodeBlocks(run.source,
                        std::span(jobs).subspan(from, std::min(at_once, jobs.size() - from)));
  });
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
      for (const Rect& part : Parts({component.needed[at].x, component.rows[at]}))
        pieces.push_back({t, c, at, part});
    }
  }
  return ForEachWantedPiece(
      static_cast<int>(pieces.size()), run.threads, run.source.name(), [&](int n) -> Result<void> {
        thread_local WaveletScratch scratch;
        const auto& [tile, component, r, part] = pieces[static_cast<size_t>(n)];
        const Strip strip = Synthesize(LevelOf(run.tiles[tile], component, r), part, scratch);
        const Plane& to = run.tiles[tile].components[component].resolutions[r].plane;
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
    for (const Rect& part : Parts(
             {run.tiles[t].components[0].needed.back().x, run.tiles[t].components[0].rows.back()}))
      pieces.push_back({t, part});
  return ForEachWantedPiece(
      static_cast<int>(pieces.size()), run.threads, run.source.name(), [&](int n) -> Result<void> {
        thread_local std::array<WaveletScratch, 3> scratch;
        const auto& [tile, part] = pieces[static_cast<size_t>(n)];
        const TileWork& work = run.tiles[tile];
        const auto width = static_cast<int>(part.x.size()),
                   height = static_cast<int>(part.y.size());
        std::array<int32_t*, 3> first{};
        std::array<ptrdiff_t, 3> stride{};
        for (size_t c = 0; c < work.components.size(); ++c) {
          const ComponentWork& component = work.components[c];
          if (component.resolution == 0) {  // no wavelet: in place, parts do not share vectors
            const Plane& plane = component.bands[0].plane;
            first[c] = plane.At(part.x.from, part.y.from), stride[c] = plane.stride;
          } else {
            const Strip strip = Synthesize(
                LevelOf(work, c, static_cast<size_t>(component.resolution)), part, scratch[c]);
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
        for (size_t c = 0; c < 3; ++c)
          planes.data[c] = first[c], planes.stride_samples[c] = stride[c];
        PackPlanes(planes, run.out.crop({static_cast<int>(part.x.from - run.pixels.x.from),
                                         static_cast<int>(part.y.from - run.pixels.y.from), width,
                                         height}));
        return {};
      });
}

// Rows of the wanted resolution that are decoded together.
int64_t RowsAtOnce(const Run& run, const TileWork& work) {
  if (run.rows_at_once > 0) return run.rows_at_once;
  const Rect& needed = work.components[0].needed.back();
  return std::max(kFewestRows, kSamplesAtOnce / std::max<int64_t>(1, needed.x.size()));
}

Result<void> DecodeGroup(Run& run) {
  auto done = ForEachWantedPiece(
      static_cast<int>(run.tiles.size()), run.threads, run.source.name(), [&](int n) {
        TileWork& work = run.tiles[static_cast<size_t>(n)];
        return WalkPackets(run.source, *work.stream, work.coding, work.grid, work.blocks);
      });
  int most = 0;
  int64_t steps = 1;
  for (const TileWork& work : run.tiles) {
    for (const ComponentWork& component : work.components)
      most = std::max(most, component.resolution);
    const int64_t rows = RowsAtOnce(run, work);
    steps = std::max(steps, (work.components[0].needed.back().y.size() + rows - 1) / rows);
  }
  std::vector<BlockJob> jobs;
  for (int64_t step = 0; done && step < steps; ++step) {
    jobs.clear();
    for (TileWork& work : run.tiles) {
      const Rect& needed = work.components[0].needed.back();
      const int64_t rows = RowsAtOnce(run, work);
      const int64_t from = std::min(needed.y.to, needed.y.from + step * rows);
      AdvanceTo(work, {from, std::min(needed.y.to, from + rows)}, jobs);
    }
    done = DecodeJobs(run, jobs);
    for (int below = most - 1; done && below >= 1; --below) done = SynthesizeResolution(run, below);
    if (done) done = SynthesizePixels(run);
  }
  run.tiles.clear();
  return done;
}

}  // namespace

namespace {

// Of the walk over a tile's packets: as the file's size allows, with some room for small files.
constexpr int64_t kBlockBytes = 620, kPrecinctBytes = 500, kFreeBytes = 48 << 20, kBytesAByte = 64;

}  // namespace

Result<int64_t> DecodeRegion(Source& source, const Header& header, const Region& wanted,
                             const DecodeRequest& request, PixelView out, int64_t rows_at_once) {
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
  TileDemands demands{.of_all_tiles = request.level > 0};
  auto extents = TouchedExtents(source, header, touched.first_column, touched.last_column,
                                touched.first_row, touched.last_row, &demands);
  if (!extents) return extents.error();
  if (demands.fewest_decompositions < request.level)
    return unsupported(fmt::format("a tile of {} decompositions", demands.fewest_decompositions));
  // What no honest file needs; refused, with the reason, where OpenJPEG is asked.
  if (demands.blocks * kBlockBytes + demands.precincts * kPrecinctBytes + demands.packets >
      kFreeBytes + kBytesAByte * source.size())
    return unsupported(fmt::format("{} code-blocks, {} precincts and {} packets in a tile",
                                   demands.blocks, demands.precincts, demands.packets));
  auto streams = ReadTileStreams(source, header, main, *extents);
  if (!streams) return streams.error();
  const Rect image =
      ResolutionRect({{header.x0, header.x1}, {header.y0, header.y1}}, request.level, 0);
  Run run{.source = source,
          .header = header,
          .out = out,
          .pixels = {{image.x.from + wanted.x, image.x.from + wanted.right()},
                     {image.y.from + wanted.y, image.y.from + wanted.bottom()}},
          .threads = std::max(1, request.threads),
          .rows_at_once = rows_at_once};
  int64_t samples = 0, memory = 0, decoded = 0;
  for (const Tile& tile : touched.tiles) {
    TileWork work{.tile = tile, .grid = {{tile.x0, tile.x1}, {tile.y0, tile.y1}}};
    work.stream = &(*streams)[tile.number];
    auto coding = ResolveCoding(source, header, main, work.stream->markers);
    if (!coding) return coding.error();
    work.coding = std::move(*coding);
    auto planned = PlanTile(source, run.pixels, request.level, out.channels, work);
    if (!planned) return planned.error();
    if (!run.tiles.empty() && samples + work.samples > kSamplesAtOnce) {
      auto done = DecodeGroup(run);
      if (!done) return done.error();
      samples = memory = 0;
    }
    samples += work.samples, memory += StatedBytes(work, RowsAtOnce(run, work)),
        decoded += work.touched;
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
