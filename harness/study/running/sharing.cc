#include "harness/study/running/sharing.h"

#include <algorithm>
#include <cmath>

namespace iiifbench {
namespace {

// Of each request on loopback: two windows of three that agree, and one.
constexpr double kWarmUpAsks = 7;
constexpr double kStartSeconds = 3;  // of a server
constexpr double kFirstGuess = 4;  // servers' time by the floor's, until a file type was warmed up
constexpr double kRoundTrips = 2;  // of an answer over a link, on a connection that is open

// A round of what is still open, by the floor and what servers take beyond it.
double RoundSeconds(const StudyState& state, const std::string& recipe, double asks_on_loopback) {
  double seconds = 0;
  for (const StudyCell& cell : state.study.cells) {
    if (!IsOpen(cell) || cell.recipe != recipe || state.refused.contains(cell.server)) continue;
    const auto entry = std::ranges::find_if(state.corpus.entries, [&](const CorpusEntry& e) {
      return e.recipe == cell.recipe && e.page == cell.page;
    });
    const auto floor = state.floors.find({entry->path, cell.path});
    const double work = floor == state.floors.end() ? 0 : floor->second;
    const double once = state.beyond_floor < 0 ? kFirstGuess * work : work + state.beyond_floor;
    seconds += cell.link == kLoopback ? asks_on_loopback * once
                                      : once + kRoundTrips * std::stod(cell.link) / 1e3;
  }
  return seconds;
}

}  // namespace

// Our kernels' time of every request says which file type needs how much.
void WeighRecipes(StudyState& state) {
  for (const CorpusEntry& entry : state.corpus.entries) {
    for (const RequestClass& c : ClassesOf(state.options, entry)) {
      if (Stopped(state)) return;
      auto prepared = Prepare(entry, c.path, state.options.jpeg_quality);
      auto floor = prepared ? MeasureFloor(*prepared, state.renderer, state.rendered)
                            : Result<Floor>(prepared.error());
      state.floors[{entry.path, c.path}] = floor ? floor->total_ms / 1e3 : 0;
    }
  }
  std::vector<std::string> shares, recipes;
  Allotted any;
  for (const CorpusEntry& entry : state.corpus.entries) {
    if (OpenCells(state, "", entry.recipe) == 0 ||
        std::ranges::find(recipes, entry.recipe) != recipes.end())
      continue;
    recipes.push_back(entry.recipe);
    any = Allot(state, entry.recipe, NeedOf(state, entry.recipe));
    shares.push_back(fmt::format("{} {:.0f} s", entry.recipe, any.seconds));
  }
  if (recipes.empty()) return;
  Say(state, fmt::format("the time is shared, by a first guess: {}", fmt::join(shares, ", ")));
  if (!any.enough)
    Say(state,
        fmt::format(
            "{} rounds of every file type would need about {:.0f} minutes (attribution apart), or "
            "fewer servers, file types "
            "or links; fewer than {} give no interval",
            std::min(kIntervalRounds, state.options.rounds), any.enough_minutes, kIntervalRounds));
}

TimeNeed NeedOf(const StudyState& state, const std::string& recipe) {
  const double round = RoundSeconds(state, recipe, 1);
  // Servers stay up from one file type to the next.
  double starting = 0;
  if (state.sessions.empty()) {
    std::set<std::string> servers;
    for (const StudyCell& cell : state.study.cells) {
      if (IsOpen(cell) && cell.recipe == recipe) servers.insert(cell.server);
    }
    const bool first =
        !state.corpus.entries.empty() && state.corpus.entries.front().recipe == recipe;
    if (first) starting = kStartSeconds * static_cast<double>(servers.size());
  }
  return {.least = starting + RoundSeconds(state, recipe, kWarmUpAsks) +
                   std::min(kIntervalRounds, state.options.rounds) * round,
          .weight = round};
}

Allotted Allot(const StudyState& state, const std::string& recipe, const TimeNeed& need) {
  std::vector<TimeNeed> needs = {need};
  std::set<std::string> others;
  for (const CorpusEntry& entry : state.corpus.entries) {
    if (entry.recipe != recipe && OpenCells(state, "", entry.recipe) > 0 &&
        others.insert(entry.recipe).second)
      needs.push_back(NeedOf(state, entry.recipe));
  }
  const std::chrono::duration<double> spent = Now() - state.began;
  const double left = state.options.budget.count() - spent.count(), least = LeastOfAll(needs);
  return {.seconds = ShareOfTime(left, needs, 0),
          .enough_minutes = std::ceil((spent.count() + least) / 60),
          .enough = least <= left};
}

void LeaveOut(Block& block) {
  for (BlockPart& part : block.parts)
    part.cell->state = {CellStatus::kLeftOut, "left out: --minutes left no time for it"};
  block.parts.clear();
}

void FitBlocks(StudyState& state, const std::string& recipe, std::vector<Block>& blocks,
               Share& share) {
  std::vector<double> seconds;
  double round = 0, floors = 0, waits = 0, asks = 0;
  for (const Block& block : blocks) {
    seconds.push_back(block.seconds);
    round += block.seconds;
    const auto asked = static_cast<double>(block.parts.size());
    asks += asked;
    const auto floor = state.floors.find({block.prepared->entry->path, block.prepared->path});
    if (floor != state.floors.end()) floors += asked * floor->second;
    if (block.link != kLoopback) waits += asked * kRoundTrips * std::stod(block.link) / 1e3;
  }
  // A slow server's time is its own, not a multiple of the floor: one that takes ten times the
  // floor of a JPEG takes once or twice that of JPEG 2000.
  if (asks > 0) state.beyond_floor = std::max(0.0, (round - waits - floors) / asks);
  const std::chrono::duration<double> gone = Now() - share.began;
  const Allotted allotted =
      Allot(state, recipe,
            {.least = std::min(kIntervalRounds, state.options.rounds) * round, .weight = round});
  if (allotted.seconds > 0) share.seconds = gone.count() + allotted.seconds;
  const RoundPlan plan = PlanRounds(seconds, share.Left(), state.options.rounds);
  std::vector<std::string> names;
  for (const size_t i : plan.left_out) {
    Block& block = blocks[i];
    names.push_back(block.link == kLoopback ? block.name : block.name + " over " + block.link);
    LeaveOut(block);
  }
  std::erase_if(blocks, [](const Block& block) { return block.parts.empty(); });
  Say(state,
      fmt::format(
          "{}: {:.0f} s are left of its share of {:.0f} s: about {} of {} rounds of {:.1f} s "
          "fit{}{}",
          recipe, std::max(0.0, share.Left()), share.seconds, plan.rounds, state.options.rounds,
          plan.round_seconds,
          plan.rounds < std::min(kIntervalRounds, state.options.rounds)
              ? fmt::format("; fewer than {} give no interval: {:.0f} minutes would hold them",
                            kIntervalRounds, allotted.enough_minutes)
              : std::string(),
          names.empty() ? "" : fmt::format("; left out: {}", fmt::join(names, ", "))));
}

}  // namespace iiifbench
