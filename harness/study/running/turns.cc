// The rounds of a file type: all requests in random order, each by all servers and the floor in
// random order.
#include <algorithm>

#include "harness/http/failure_kind.h"
#include "harness/study/running/study_runner.h"

namespace iiifbench {
namespace {

template <typename T>
void Shuffle(std::vector<T>& items, std::mt19937_64& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random() % i]);
}

}  // namespace

// Sends one request; its answer counts when the server lives and the body is right.
bool StudyRunner::Ask(const Turn& turn, Part& part, int round) {
  StudyCell& cell = *part.cell;
  const Exchange exchange = part.seat->paths.at(turn.link).client->Get(part.url);
  const auto log = part.seat->running->TakeLog();
  auto alive = part.seat->running->Check();
  auto right = CheckAnswer(*turn.prepared, exchange);
  if (!alive) Died(*part.seat, alive.error());
  if (right) {
    TakeFindings(cell, *right);
    // Also the last answer of a server that has died since.
    TakeSample(cell, round, exchange, log);
    return true;
  }
  // A request that failed is no wrong answer, least of all the one during which its server died.
  const std::string failure = FailureOf(exchange);
  if (failure.empty()) {
    ++cell.wrong;
  } else {
    ++cell.failures[failure];
  }
  cell.status = !alive            ? part.seat->about->status
                : failure.empty() ? WrongAnswer(right.error())
                                  : fmt::format("failed: {}: {}", failure, right.error().message);
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
    if (part.cell->status != "measured" || std::ranges::find(rounds, round) != rounds.end())
      continue;
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
    Say(fmt::format("{}: round {}/{}, {} servers, {:.0f} s left for this file type", recipe,
                    round + 1, options_.rounds, servers,
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
  Share share{.began = Clock::now()};
  if (Limited()) share.seconds = Allot(recipe, NeedOf(recipe)).seconds;
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
    if (cell.status == "measured" && cell.total_ms.empty())
      cell.status = "stopped before it was measured";
  }
}

}  // namespace iiifbench
