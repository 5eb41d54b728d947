// How a limited time is shared by the file types, and what of a file type fits into its share.
#include <algorithm>

#include "harness/study/running/study_runner.h"

namespace iiifbench {
namespace {

// Of each request on loopback: two windows of three that agree, and one.
constexpr double kWarmUpAsks = 7;
constexpr double kStartSeconds = 3;  // of a server
constexpr double kFirstGuess = 4;  // servers' time by the floor's, until a file type was warmed up
constexpr double kRoundTrips = 2;  // of an answer over a link, on a connection that is open

}  // namespace

// Our kernels' time of every request says which file type needs how much.
void StudyRunner::WeighRecipes() {
  for (const CorpusEntry& entry : corpus_.entries) {
    for (const RequestClass& c : Classes(entry)) {
      if (Stopped()) return;
      auto prepared = Prepare(entry, c.path, options_.jpeg_quality);
      auto floor = prepared ? MeasureFloor(*prepared, renderer_, rendered_)
                            : Result<Floor>(prepared.error());
      floors_[{entry.path, c.path}] = floor ? floor->total_ms / 1e3 : 0;
    }
  }
  std::vector<std::string> shares, recipes;
  Allotted any;
  for (const CorpusEntry& entry : corpus_.entries) {
    if (OpenCells("", entry.recipe) == 0 ||
        std::ranges::find(recipes, entry.recipe) != recipes.end())
      continue;
    recipes.push_back(entry.recipe);
    any = Allot(entry.recipe, NeedOf(entry.recipe));
    shares.push_back(fmt::format("{} {:.0f} s", entry.recipe, any.seconds));
  }
  if (recipes.empty()) return;
  Say(fmt::format("the time is shared, by a first guess: {}", fmt::join(shares, ", ")));
  if (!any.enough)
    Say(fmt::format(
        "{} rounds of every file type would need about {:.0f} minutes (attribution apart), or "
        "fewer servers, file types "
        "or links; fewer than {} give no interval",
        std::min(kIntervalRounds, options_.rounds), any.enough_minutes, kIntervalRounds));
}

// A round of what is still open, by the floor and what servers take beyond it.
double StudyRunner::RoundSeconds(const std::string& recipe, double asks_on_loopback) const {
  double seconds = 0;
  for (const StudyCell& cell : study_.cells) {
    if (!Open(cell) || cell.recipe != recipe || refused_.contains(cell.server)) continue;
    const auto entry = std::ranges::find_if(corpus_.entries, [&](const CorpusEntry& e) {
      return e.recipe == cell.recipe && e.page == cell.page;
    });
    const auto floor = floors_.find({entry->path, cell.path});
    const double work = floor == floors_.end() ? 0 : floor->second;
    const double once = beyond_floor_ < 0 ? kFirstGuess * work : work + beyond_floor_;
    seconds += cell.link == kLoopback ? asks_on_loopback * once
                                      : once + kRoundTrips * std::stod(cell.link) / 1e3;
  }
  return seconds;
}

TimeNeed StudyRunner::NeedOf(const std::string& recipe) const {
  const double round = RoundSeconds(recipe, 1);
  // Servers stay up from one file type to the next.
  double starting = 0;
  if (seats_.empty()) {
    std::set<std::string> servers;
    for (const StudyCell& cell : study_.cells) {
      if (Open(cell) && cell.recipe == recipe) servers.insert(cell.server);
    }
    const bool first = !corpus_.entries.empty() && corpus_.entries.front().recipe == recipe;
    if (first) starting = kStartSeconds * static_cast<double>(servers.size());
  }
  return {.least = starting + RoundSeconds(recipe, kWarmUpAsks) +
                   std::min(kIntervalRounds, options_.rounds) * round,
          .weight = round};
}

StudyRunner::Allotted StudyRunner::Allot(const std::string& recipe, const TimeNeed& need) const {
  std::vector<TimeNeed> needs = {need};
  std::set<std::string> others;
  for (const CorpusEntry& entry : corpus_.entries) {
    if (entry.recipe != recipe && OpenCells("", entry.recipe) > 0 &&
        others.insert(entry.recipe).second)
      needs.push_back(NeedOf(entry.recipe));
  }
  const std::chrono::duration<double> spent = Clock::now() - began_;
  const double left = options_.budget.count() - spent.count(), least = LeastOfAll(needs);
  return {.seconds = ShareOfTime(left, needs, 0),
          .enough_minutes = std::ceil((spent.count() + least) / 60),
          .enough = least <= left};
}

void StudyRunner::LeaveOut(Turn& turn) {
  for (Part& part : turn.parts) part.cell->status = "left out: --minutes left no time for it";
  turn.parts.clear();
}

// Says beforehand what fits, and leaves out what does not. What the requests took when they were
// warm is known now, so that the share is made anew.
void StudyRunner::FitTurns(const std::string& recipe, std::vector<Turn>& turns, Share& share) {
  std::vector<double> seconds;
  double round = 0, floors = 0, waits = 0, asks = 0;
  for (const Turn& turn : turns) {
    seconds.push_back(turn.seconds);
    round += turn.seconds;
    const auto asked = static_cast<double>(turn.parts.size());
    asks += asked;
    const auto floor = floors_.find({turn.prepared->entry->path, turn.prepared->path});
    if (floor != floors_.end()) floors += asked * floor->second;
    if (turn.link != kLoopback) waits += asked * kRoundTrips * std::stod(turn.link) / 1e3;
  }
  // A slow server's time is its own, not a multiple of the floor: one that takes ten times the
  // floor of a JPEG takes once or twice that of JPEG 2000.
  if (asks > 0) beyond_floor_ = std::max(0.0, (round - waits - floors) / asks);
  const std::chrono::duration<double> gone = Clock::now() - share.began;
  const Allotted allotted =
      Allot(recipe, {.least = std::min(kIntervalRounds, options_.rounds) * round, .weight = round});
  if (allotted.seconds > 0) share.seconds = gone.count() + allotted.seconds;
  const RoundPlan plan = PlanRounds(seconds, share.Left(), options_.rounds);
  std::vector<std::string> names;
  for (const size_t i : plan.left_out) {
    Turn& turn = turns[i];
    names.push_back(turn.link == kLoopback ? turn.name : turn.name + " over " + turn.link);
    LeaveOut(turn);
  }
  std::erase_if(turns, [](const Turn& turn) { return turn.parts.empty(); });
  Say(fmt::format(
      "{}: {:.0f} s are left of its share of {:.0f} s: about {} of {} rounds of {:.1f} s fit{}{}",
      recipe, std::max(0.0, share.Left()), share.seconds, plan.rounds, options_.rounds,
      plan.round_seconds,
      plan.rounds < std::min(kIntervalRounds, options_.rounds)
          ? fmt::format("; fewer than {} give no interval: {:.0f} minutes would hold them",
                        kIntervalRounds, allotted.enough_minutes)
          : std::string(),
      names.empty() ? "" : fmt::format("; left out: {}", fmt::join(names, ", "))));
}

}  // namespace iiifbench
