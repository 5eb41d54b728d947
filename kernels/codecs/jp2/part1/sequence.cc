#include "kernels/codecs/jp2/part1/sequence.h"

#include <algorithm>
#include <tuple>

namespace iiifbench::jp2::part1 {
namespace {

constexpr int64_t kMostPrecincts = int64_t{1} << 21;

struct Entry {
  uint32_t precinct;
  uint16_t component;
  uint8_t resolution;
};
struct PlacedEntry {
  int64_t y, x;
  Entry entry;
};

bool SamePrecincts(const TileCoding& coding, const Volume& volume) {
  const Coding& a = coding.components[static_cast<size_t>(volume.first_component)];
  for (int c = volume.first_component + 1; c < volume.end_component; ++c) {
    const Coding& b = coding.components[static_cast<size_t>(c)];
    if (a.decompositions != b.decompositions || a.precinct_width_log != b.precinct_width_log ||
        a.precinct_height_log != b.precinct_height_log)
      return false;
  }
  return true;
}

Result<void> Room(const Source& source, int64_t count, int64_t more) {
  if (more <= kMostPrecincts && count + more <= kMostPrecincts) return {};
  return Fail(ErrorKind::kUnsupported, "{}: JPEG 2000 part 1 here: more than {} precincts",
              source.name(), kMostPrecincts);
}

// LRCP, RLCP: by resolution, component, precinct. RPCL where all components are cut alike: by
// resolution, precinct, component, since precincts stand in the order of their places.
Result<std::vector<Entry>> ListByResolution(const Source& source, const TileCoding& coding,
                                            const Rect& tile, const Volume& volume) {
  std::vector<Entry> list;
  for (int r = volume.first_resolution; r < volume.end_resolution; ++r) {
    std::vector<int64_t> counts;
    for (int c = volume.first_component; c < volume.end_component; ++c) {
      const Coding& component = coding.components[static_cast<size_t>(c)];
      counts.push_back(r > component.decompositions ? 0 : PrecinctsOf(component, tile, r).count());
      auto room = Room(source, static_cast<int64_t>(list.size()), counts.back());
      if (!room) return room.error();
      if (volume.order == 2) continue;
      for (int64_t p = 0; p < counts.back(); ++p)
        list.push_back(
            {static_cast<uint32_t>(p), static_cast<uint16_t>(c), static_cast<uint8_t>(r)});
    }
    if (volume.order != 2 || counts.empty()) continue;
    auto room = Room(source, static_cast<int64_t>(list.size()),
                     counts[0] * static_cast<int64_t>(counts.size()));
    if (!room) return room.error();
    for (int64_t p = 0; p < counts[0]; ++p)
      for (int c = volume.first_component; c < volume.end_component; ++c)
        list.push_back(
            {static_cast<uint32_t>(p), static_cast<uint16_t>(c), static_cast<uint8_t>(r)});
  }
  return list;
}

// Orders in which place comes before something that is not sorted by it.
Result<std::vector<Entry>> ListByPlace(const Source& source, const TileCoding& coding,
                                       const Rect& tile, const Volume& volume) {
  std::vector<PlacedEntry> placed;
  for (int c = volume.first_component; c < volume.end_component; ++c) {
    const Coding& component = coding.components[static_cast<size_t>(c)];
    const int end = std::min(volume.end_resolution, component.decompositions + 1);
    for (int r = volume.first_resolution; r < end; ++r) {
      const PrecinctGrid grid = PrecinctsOf(component, tile, r);
      auto room = Room(source, static_cast<int64_t>(placed.size()), grid.count());
      if (!room) return room.error();
      const int shift = component.decompositions - r;
      for (int64_t p = 0; p < grid.count(); ++p) {
        const int64_t row = grid.first_row + p / grid.columns,
                      column = grid.first_column + p % grid.columns;
        placed.push_back(
            {std::max(tile.y.from, (row << grid.height_log) << shift),
             std::max(tile.x.from, (column << grid.width_log) << shift),
             {static_cast<uint32_t>(p), static_cast<uint16_t>(c), static_cast<uint8_t>(r)}});
      }
    }
  }
  const int order = volume.order;
  std::sort(placed.begin(), placed.end(), [order](const PlacedEntry& a, const PlacedEntry& b) {
    const Entry &e = a.entry, &f = b.entry;
    if (order == 2)
      return std::tie(e.resolution, a.y, a.x, e.component, e.precinct) <
             std::tie(f.resolution, b.y, b.x, f.component, f.precinct);
    if (order == 3)
      return std::tie(a.y, a.x, e.component, e.resolution, e.precinct) <
             std::tie(b.y, b.x, f.component, f.resolution, f.precinct);
    return std::tie(e.component, a.y, a.x, e.resolution, e.precinct) <
           std::tie(f.component, b.y, b.x, f.resolution, f.precinct);
  });
  std::vector<Entry> list;
  list.reserve(placed.size());
  for (const PlacedEntry& p : placed) list.push_back(p.entry);
  return list;
}

// How many layers of each precinct have gone by: where a change of progression comes back to it.
struct Done {
  std::vector<std::vector<size_t>> first;  // by component and resolution
  std::vector<uint16_t> layers;
  uint16_t& Of(const Entry& e) { return layers[first[e.component][e.resolution] + e.precinct]; }
};
Result<Done> NothingDone(const Source& source, const TileCoding& coding, const Rect& tile) {
  Done done;
  size_t count = 0;
  for (const Coding& component : coding.components) {
    std::vector<size_t>& first = done.first.emplace_back();
    for (int r = 0; r <= component.decompositions; ++r) {
      const int64_t more = PrecinctsOf(component, tile, r).count();
      auto room = Room(source, static_cast<int64_t>(count), more);
      if (!room) return room.error();
      first.push_back(count);
      count += static_cast<size_t>(more);
    }
  }
  done.layers.resize(count);
  return done;
}

}  // namespace

PrecinctGrid PrecinctsOf(const Coding& coding, const Rect& tile, int resolution) {
  const auto r = static_cast<size_t>(resolution);
  PrecinctGrid grid{.all = ResolutionRect(tile, coding.decompositions, resolution),
                    .width_log = coding.precinct_width_log[r],
                    .height_log = coding.precinct_height_log[r]};
  if (grid.all.empty()) return grid;
  grid.first_column = grid.all.x.from >> grid.width_log;
  grid.first_row = grid.all.y.from >> grid.height_log;
  grid.columns = ((grid.all.x.to - 1) >> grid.width_log) + 1 - grid.first_column;
  grid.rows = ((grid.all.y.to - 1) >> grid.height_log) + 1 - grid.first_row;
  return grid;
}

Result<void> VisitPackets(const Source& source, const TileCoding& coding, const Rect& tile,
                          const std::function<Result<bool>(const Packet&)>& visit) {
  Done done;
  const bool returns = coding.volumes.size() > 1;
  if (returns) {
    auto nothing = NothingDone(source, coding, tile);
    if (!nothing) return nothing.error();
    done = std::move(*nothing);
  }
  for (const Volume& volume : coding.volumes) {
    if (volume.first_component >= volume.end_component ||
        volume.first_resolution >= volume.end_resolution)
      continue;
    const bool by_place = volume.order > 2 || (volume.order == 2 && !SamePrecincts(coding, volume));
    auto list = by_place ? ListByPlace(source, coding, tile, volume)
                         : ListByResolution(source, coding, tile, volume);
    if (!list) return list.error();
    // A run of entries goes by for one layer after the other.
    for (size_t from = 0, to = 0; from < list->size(); from = to) {
      to = volume.order == 0 ? list->size() : from + 1;
      if (volume.order == 1)
        while (to < list->size() && (*list)[to].resolution == (*list)[from].resolution) ++to;
      for (int layer = 0; layer < volume.layers; ++layer) {
        for (size_t i = from; i < to; ++i) {
          const Entry& e = (*list)[i];
          if (returns) {
            if (done.Of(e) != layer) continue;
            ++done.Of(e);
          }
          auto goes_on = visit({e.precinct, e.component, e.resolution, layer});
          if (!goes_on) return goes_on.error();
          if (!*goes_on) return {};
        }
      }
    }
  }
  return {};
}

}  // namespace iiifbench::jp2::part1
