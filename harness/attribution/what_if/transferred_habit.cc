#include "harness/attribution/what_if/transferred_habit.h"

#include <algorithm>

namespace iiifbench {

TransferredHabit TransferHabit(const Hypothesis& fitted, std::vector<DecodeHabit> rivals,
                               const Format& from, const Format& to) {
  TransferredHabit out{.own = fitted, .best = fitted, .why = ""};
  DecodeHabit &own = out.own.habit, &best = out.best.habit;
  const bool same = from.codec == to.codec;
  if (!same) {
    // Tiles that a JPEG 2000 decoder decodes whole, and a file that is parsed each time, are the
    // old format's.
    out.own.whole_tiles = out.best.whole_tiles = false;
    if (fitted.additional == Additional::kFile)
      out.own.additional = out.best.additional = Additional::kNone;
  }
  // A file without levels or tiles cannot show whether they would be used.
  const bool levels_seen = from.info->levels.size() > 1, tiles_seen = from.info->tile.width > 0;
  rivals.push_back(fitted.habit);
  const auto all = [&](auto is) { return std::ranges::all_of(rivals, is); };
  const bool whole = all([](const DecodeHabit&h) { return h.access == Access::kFull; }),
             none = all([](const DecodeHabit&h) { return h.levels == LevelUse::kNone; }),
             careful = all([](const DecodeHabit&h) { return h == DecodeHabit{}; });
  if (!same) {
    for (const DecodeHabit& rival : rivals) {
      own.access = std::max(own.access, rival.access);
      if (rival.levels == LevelUse::kNone) own.levels = LevelUse::kNone;
    }
  }
  if (!whole && !(same && tiles_seen)) best.access = Access::kRegion;
  if (to.info->levels.size() < 2) {
    own.levels = best.levels = LevelUse::kFitting;
  } else if (!levels_seen) {
    own.levels = LevelUse::kNone, best.levels = LevelUse::kFitting;
  } else if (!same && !(whole && none)) {
    best.levels = LevelUse::kFitting;
    // One that decodes just what is needed is a careful one; of a DCT scale nothing follows for a
    // pyramid.
    if (!careful && own.levels != LevelUse::kFullOnly) own.levels = LevelUse::kNone;
  }
  if (out.certain()) return out;
  out.why =
      fmt::format("how this server decodes it is not known: {}/{} as far as seen, at best {}/{}",
                  AccessName(own.access), LevelUseName(own.levels), AccessName(best.access),
                  LevelUseName(best.levels));
  return out;
}

}  // namespace iiifbench
