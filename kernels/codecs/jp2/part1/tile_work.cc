#include "kernels/codecs/jp2/part1/tile_work.h"

#include <algorithm>
#include <cstring>

namespace iiifbench::jp2::part1 {
namespace {

// A block that is not in the file.
void ClearBlock(const Rect& block, const Plane& to) {
  const Rect kept = Intersect(block, to.rect);
  for (int64_t y = kept.y.from; y < kept.y.to; ++y)
    std::memset(to.At(kept.x.from, y), 0, static_cast<size_t>(kept.x.size()) * sizeof(int32_t));
}

// To rows `y` of columns `x`; rows that were there stay.
void Move(Window& window, const Range& x, const Range& y) {
  Plane& plane = window.plane;
  const Rect to = {x, y};
  if (to.empty()) {
    plane.rect = to;
    return;
  }
  const Range kept = Intersect(plane.rect.y, y);
  const size_t row = static_cast<size_t>(plane.stride) * sizeof(int32_t);
  if (y.size() > window.capacity) {
    Plane larger = MakePlane(to);
    if (!kept.empty())
      std::memcpy(larger.At(x.from, kept.from), plane.At(x.from, kept.from),
                  row * static_cast<size_t>(kept.size()));
    plane = std::move(larger);
    window.capacity = y.size();
    return;
  }
  if (!kept.empty() && kept.from != plane.rect.y.from)
    std::memmove(plane.samples.get() + (kept.from - y.from) * plane.stride,
                 plane.At(x.from, kept.from), row * static_cast<size_t>(kept.size()));
  plane.rect = to;
}

// Rows of blocks up to the one that holds row y.to - 1.
void AdvanceBand(const TileWork& work, const Band& band, Window& window, const Range& y,
                 std::vector<BlockJob>& jobs) {
  if (band.blocks.empty() || y.empty()) return;
  const int64_t end = std::min(((y.to - 1) >> band.height_log) + 1, band.first_row + band.rows);
  const int64_t first = std::max(window.next, band.first_row);
  if (first < end || window.plane.rect.y.from != y.from)
    Move(window, band.needed.x,
         {y.from,
          std::max(window.plane.rect.y.to, std::min(band.needed.y.to, end << band.height_log))});
  window.next = std::max(first, end);
  for (int64_t row = first; row < end; ++row) {
    for (int64_t column = 0; column < band.columns; ++column) {
      const int64_t x = band.first_column + column;
      const Rect rect =
          Intersect(band.all, {{x << band.width_log, (x + 1) << band.width_log},
                               {row << band.height_log, (row + 1) << band.height_log}});
      if (Intersect(rect, window.plane.rect).empty()) continue;
      const Block& block =
          band.blocks[static_cast<size_t>((row - band.first_row) * band.columns + column)];
      if (block.passes == 0) {
        ClearBlock(rect, window.plane);
      } else {
        jobs.push_back({&work.stream->data, &work.blocks.pieces,
                        &work.coding.components[static_cast<size_t>(band.component)], &band, &block,
                        rect, &window.plane});
      }
    }
  }
}

Samples Borrow(const Plane& plane) { return {plane.samples.get(), plane.stride, plane.rect}; }

}  // namespace

Result<void> PlanTile(const Source& source, const Rect& pixels, int level, int channels,
                      TileWork& work) {
  for (int c = 0; c < channels; ++c) {
    const Coding& coding = work.coding.components[static_cast<size_t>(c)];
    ComponentWork& plan = work.components.emplace_back();
    plan.resolution = coding.decompositions - level;
    if (plan.resolution < 0)
      return Fail(ErrorKind::kUnsupported,
                  "{}: JPEG 2000 part 1 here: a tile of {} decompositions at level {}",
                  source.name(), coding.decompositions, level);
    const auto count = static_cast<size_t>(plan.resolution) + 1;
    plan.all.resize(count), plan.needed.resize(count), plan.rows.resize(count);
    plan.resolutions.resize(count);
    for (size_t r = count; r-- > 0;) {
      plan.all[r] = ResolutionRect(work.grid, coding.decompositions, static_cast<int>(r));
      plan.needed[r] =
          r + 1 == count
              ? Intersect(pixels, plan.all[r])
              : BandRect(WithMargin(plan.needed[r + 1], plan.all[r + 1], coding.reversible), 0);
      plan.resolutions[r].plane.rect.y = {plan.needed[r].y.from, plan.needed[r].y.from};
    }
    plan.first_band = work.blocks.bands.size();
    work.blocks.bands.push_back(PlanBand(coding, c, 0, 0, plan.all[0], plan.needed[0]));
    for (size_t r = 1; r < count; ++r) {
      const Rect wide = WithMargin(plan.needed[r], plan.all[r], coding.reversible);
      for (int band = 1; band <= 3; ++band)
        work.blocks.bands.push_back(PlanBand(coding, c, static_cast<int>(r), band,
                                             BandRect(plan.all[r], band), BandRect(wide, band)));
    }
    for (size_t b = plan.first_band; b < work.blocks.bands.size(); ++b) {
      const Range& y = work.blocks.bands[b].needed.y;
      plan.bands.emplace_back().plane.rect.y = {y.from, y.from};
    }
  }
  for (const Band& band : work.blocks.bands)
    if (band.component == 0)
      work.touched +=
          (int64_t{band.columns} << band.width_log) * (int64_t{band.rows} << band.height_log);
  work.samples = work.components[0].needed.back().area();
  if (!work.coding.colour_transform || channels < 3) return {};
  for (size_t c = 1; c < 3; ++c)
    if (work.coding.components[c].reversible != work.coding.components[0].reversible)
      return Fail(ErrorKind::kUnsupported,
                  "{}: JPEG 2000 part 1 here: a component transformation over two wavelets",
                  source.name());
  return {};
}

int64_t StatedBytes(const TileWork& work, int64_t rows_at_a_time) {
  const auto of = [&](Rect rect, int below, int64_t more) {
    const int64_t rows = (rows_at_a_time >> below) + 8 + more;
    rect.y.to = std::min(rect.y.to, rect.y.from + rows);
    return PlaneBytes(rect);
  };
  int64_t bytes = 0;
  for (const Band& band : work.blocks.bands) {
    const int below = work.components[static_cast<size_t>(band.component)].resolution -
                      band.resolution + (band.resolution > 0 ? 1 : 0);
    bytes += of(band.needed, below, int64_t{2} << band.height_log) +
             static_cast<int64_t>(band.blocks.size() * sizeof(Block));
  }
  for (const ComponentWork& component : work.components)
    for (int r = 1; r < component.resolution; ++r)
      bytes += of(component.needed[static_cast<size_t>(r)], component.resolution - r, 0);
  return bytes;
}

void AdvanceTo(TileWork& work, const Range& y, std::vector<BlockJob>& jobs) {
  for (size_t c = 0; c < work.components.size(); ++c) {
    ComponentWork& component = work.components[c];
    const bool reversible = work.coding.components[c].reversible;
    const auto band_at = [&](size_t b) -> const Band& {
      return work.blocks.bands[component.first_band + b];
    };
    Range rows = y;  // of resolution r, to be synthesised
    for (auto r = static_cast<size_t>(component.resolution);; --r) {
      component.rows[r] = rows;
      if (r == 0) {
        AdvanceBand(work, band_at(0), component.bands[0], rows, jobs);
        break;
      }
      Range below = {rows.from, rows.from};
      if (!rows.empty()) {
        const Rect wide = WithMargin({component.needed[r].x, rows}, component.all[r], reversible);
        for (int band = 1; band <= 3; ++band) {
          const auto b = 3 * (r - 1) + static_cast<size_t>(band);
          AdvanceBand(work, band_at(b), component.bands[b], BandRect(wide, band).y, jobs);
        }
        below = BandRect(wide, 0).y;
      }
      if (r == 1) {
        rows = below;
        continue;
      }
      Window& window = component.resolutions[r - 1];
      const int64_t done = window.plane.rect.y.to;
      if (!below.empty())
        Move(window, component.needed[r - 1].x, {below.from, std::max(done, below.to)});
      rows = {std::max(done, below.from), std::max({done, below.from, below.to})};
    }
  }
}

Level LevelOf(const TileWork& work, size_t component, size_t r) {
  const ComponentWork& c = work.components[component];
  Level level{.all = c.all[r], .reversible = work.coding.components[component].reversible};
  level.bands[0] = Borrow(r == 1 ? c.bands[0].plane : c.resolutions[r - 1].plane);
  for (size_t band = 1; band <= 3; ++band)
    level.bands[band] = Borrow(c.bands[3 * (r - 1) + band].plane);
  return level;
}

}  // namespace iiifbench::jp2::part1
