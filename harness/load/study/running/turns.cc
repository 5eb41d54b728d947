// The rounds of a file type: all requests in random order, each by all servers and the floor in random order.
#include <algorithm>

#include "harness/load/study/running/budget.h"
#include "harness/load/study/running/study_runner.h"

namespace iiifbench {
namespace {

constexpr int kIntervalRounds = 6;  // for an interval of a median at 95 %

template <typename T>
void Shuffle(std::vector<T>& items, std::mt19937_64& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random() % i]);
}

}  // namespace

// Sends one request; its answer counts when the server lives and the body is right.
bool StudyRunner::Ask(const Turn& turn, Part& part, int round) {
  StudyCell& cell = *part.cell;
  const Exchange exchange = part.seat->ways.at(turn.link).client->Get(part.url);
  const auto log = part.seat->running->TakeLog();
  auto alive = part.seat->running->Check();
  auto right = CheckAnswer(*turn.prepared, exchange);
  if (alive && right) {
    TakeSample(cell, round, exchange, log);
    return true;
  }
  ++cell.wrong;
  if (!alive) Died(*part.seat, alive.error());
  cell.status = alive ? WrongAnswer(right.error()) : part.seat->about->status;
  if (alive)
    Say(fmt::format("  {}: {} {}: {}", part.seat->about->title, cell.recipe, cell.request_class,
                    cell.status));
  return false;
}

void StudyRunner::TakeTurn(Turn& turn, int round) {
  std::vector<Part*> order;
  for (Part& part : turn.parts) {
    if (refused_.contains(part.seat->choice.label)) part.cell->status = part.seat->about->status;
    const auto& rounds = part.cell->rounds;
    if (part.cell->status != "measured" || std::ranges::find(rounds, round) != rounds.end()) continue;
    order.push_back(&part);
  }
  if (order.empty()) return;
  order.push_back(nullptr);  // the floor
  Shuffle(order, random_);
  std::vector<Part*> answered;
  Result<Floor> floor = Floor{};
  for (Part* part : order) {
    if (part == nullptr) {
      floor = MeasureFloor(*turn.prepared, renderer_, rendered_);
    } else if (Ask(turn, *part, round)) {
      answered.push_back(part);
    }
  }
  for (Part* part : answered) {
    StudyCell& cell = *part->cell;
    if (!floor) cell.status = "floor: " + floor.error().message;
    cell.floor_ms.push_back(floor ? floor->total_ms : 0);
    if (floor) {
      for (const auto& [name, ms] : floor->stages_ms) cell.floor_stages_ms[name].push_back(ms);
    }
    if (auto written = log_.AddSample(cell); !written) study_.failure = written.error().message;
  }
}

// A file type that is slow to decode needs more of the time for as many rounds: all pixels by our kernels say
// how much. A tenth of the slowest stands for what does not depend on it.
void StudyRunner::WeighRecipes() {
  double slowest = 0;
  for (const CorpusEntry& entry : corpus_.entries) {
    if (weights_.contains(entry.recipe) || Stopped()) continue;
    auto prepared = Prepare(entry, "full/full/0/default.jpg", options_.jpeg_quality);
    auto floor = prepared ? MeasureFloor(*prepared, renderer_, rendered_) : Result<Floor>(prepared.error());
    weights_[entry.recipe] = floor ? floor->total_ms : 0;
    slowest = std::max(slowest, weights_[entry.recipe]);
  }
  for (auto& [recipe, weight] : weights_) weight += slowest / 10;
  std::vector<std::string> shares;
  for (const auto& [recipe, weight] : weights_) {
    if (OpenCells("", recipe) > 0)
      shares.push_back(fmt::format("{} {:.0f} s", recipe, ShareOf(recipe).seconds));
  }
  Say(fmt::format("the time is shared: {}", fmt::join(shares, ", ")));
}

StudyRunner::Share StudyRunner::ShareOf(const std::string& recipe) const {
  const Clock::time_point now = Clock::now();
  double all = 0;
  for (const auto& [name, weight] : weights_) all += weight * OpenCells("", name);
  const auto weight = weights_.find(recipe);
  const std::chrono::duration<double> spent = now - began_;
  return {.began = now,
          .seconds = ShareOfTime(options_.budget.count() - spent.count(),
                                 weight == weights_.end() ? 0 : weight->second * OpenCells("", recipe), all)};
}

void StudyRunner::LeaveOut(Turn& turn) {
  for (Part& part : turn.parts) part.cell->status = "left out: --minutes left no time for it";
  turn.parts.clear();
}

// Says beforehand what fits, and leaves out what does not.
void StudyRunner::FitTurns(const std::string& recipe, std::vector<Turn>& turns, const Share& share) {
  std::vector<double> seconds;
  for (const Turn& turn : turns) seconds.push_back(turn.seconds);
  const RoundPlan plan = PlanRounds(seconds, share.Left(), options_.rounds);
  std::vector<std::string> names;
  for (const size_t i : plan.left_out) {
    Turn& turn = turns[i];
    names.push_back(turn.link == kLoopback ? turn.name : turn.name + " over " + turn.link);
    LeaveOut(turn);
  }
  std::erase_if(turns, [](const Turn& turn) { return turn.parts.empty(); });
  const double left = std::max(0.0, share.Left());
  Say(fmt::format("{}: {:.0f} s are left of its share of {:.0f} s: about {} of {} rounds of {:.1f} s fit{}{}",
                  recipe, left, share.seconds, plan.rounds, options_.rounds, plan.round_seconds,
                  plan.rounds < std::min(kIntervalRounds, options_.rounds)
                      ? fmt::format("; fewer than {} give no interval", kIntervalRounds)
                      : std::string(),
                  names.empty() ? "" : fmt::format("; left out: {}", fmt::join(names, ", "))));
}

void StudyRunner::TakeRounds(const std::string& recipe, std::vector<Turn>& turns, size_t servers,
                             const Share& share) {
  const Clock::time_point start = Clock::now();
  for (int round = 0; round < options_.rounds && !Stopped() && !turns.empty(); ++round) {
    std::vector<Turn*> order;
    for (Turn& turn : turns) order.push_back(&turn);
    Shuffle(order, random_);
    for (Turn* turn : order) {
      if (!Stopped()) TakeTurn(*turn, round);
    }
    const double one = std::chrono::duration<double>(Clock::now() - start).count() / (round + 1);
    Say(fmt::format("{}: round {}/{}, {} servers, {:.0f} s left for this file type", recipe, round + 1,
                    options_.rounds, servers,
                    Limited() ? std::clamp(share.Left(), 0.0, one * (options_.rounds - round - 1))
                              : one * (options_.rounds - round - 1)));
    if (Limited() && round + 1 < options_.rounds && one > share.Left()) {
      Say(fmt::format("{}: its share of the time, {:.0f} s, is used up", recipe, share.seconds));
      return;
    }
  }
}

void StudyRunner::RunRecipe(const std::string& recipe, const std::vector<ServerChoice>& choices) {
  if (OpenCells("", recipe) == 0) return;
  const Share share = ShareOf(recipe);
  std::vector<ServerSeat*> seats;
  for (const ServerChoice& choice : choices) {
    if (Stopped() || OpenCells(choice.label, recipe) == 0) continue;
    if (ServerSeat* seat = Seat(choice)) seats.push_back(seat);
  }
  std::list<Prepared> prepared;
  auto turns = WarmTurns(recipe, seats, prepared, share);
  ReadBack(turns, seats);
  for (ServerSeat* seat : seats) seat->running->TakeLog();
  if (!turns.empty()) WatchIdle(seats);
  if (Limited() && !turns.empty()) FitTurns(recipe, turns, share);
  TakeRounds(recipe, turns, seats.size(), share);
  for (StudyCell& cell : study_.cells) {
    if (cell.recipe != recipe) continue;
    if (cell.status == "measured" && cell.total_ms.empty()) cell.status = "stopped before it was measured";
  }
}

}  // namespace iiifbench
