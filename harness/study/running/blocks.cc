#include "harness/study/running/blocks.h"

#include <algorithm>

#include "harness/http/failure_kind.h"
#include "harness/study/running/sessions.h"

namespace iiifbench {
namespace {

// Sends one request; its answer counts when the server lives and the body is right.
bool Ask(StudyState& state, const Block& block, BlockPart& part, int round) {
  StudyCell& cell = *part.cell;
  const Exchange exchange = part.session->paths.at(block.link).client->Get(part.url);
  const auto log = part.session->running->TakeLog();
  auto alive = part.session->running->Check();
  auto right = CheckAnswer(*block.prepared, exchange);
  if (!alive) NoteDeath(state, *part.session, alive.error());
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
  if (!alive)
    cell.state = {CellStatus::kServerGone, part.session->about->status};
  else if (failure.empty())
    cell.state = WrongAnswer(right.error());
  else
    cell.state = {CellStatus::kRequestFailed,
                  fmt::format("failed: {}: {}", failure, right.error().message)};
  if (alive)
    Say(state, fmt::format("  {}: {} {}: {}", part.session->about->title, cell.recipe,
                           cell.request_class, Words(cell.state)));
  return false;
}

void TakeBlock(StudyState& state, Block& block, int round) {
  std::vector<BlockPart*> order, answered;
  for (BlockPart& part : block.parts) {
    if (state.refused.contains(part.session->choice.label))
      part.cell->state = {CellStatus::kServerGone, part.session->about->status};
    const auto& rounds = part.cell->rounds;
    if (!part.cell->state.measured()) continue;
    // A run that was killed within this block has left an answer without its floor.
    if (part.cell->floor_ms.size() < rounds.size() && rounds.back() == round)
      answered.push_back(&part);
    if (std::ranges::find(rounds, round) == rounds.end()) order.push_back(&part);
  }
  if (order.empty() && answered.empty()) return;
  order.push_back(nullptr);  // the floor
  Shuffle(order, state.random);
  const auto keep = [&](const Result<void>& written) {
    if (!written) state.study.failure = written.error().message;
  };
  Result<Floor> floor = Floor{};
  for (BlockPart* part : order) {
    if (part == nullptr) {
      floor = MeasureFloor(*block.prepared, state.renderer, state.rendered);
    } else if (Ask(state, block, *part, round)) {
      answered.push_back(part);
      keep(state.log.AddSample(*part->cell));
    }
  }
  for (BlockPart* part : answered) {
    StudyCell& cell = *part->cell;
    if (!floor) cell.state = {CellStatus::kNoKernel, "floor: " + floor.error().message};
    cell.floor_ms.push_back(floor ? floor->total_ms : 0);
    if (floor) {
      for (const auto& [stage, ms] : floor->stages_ms) cell.floor_stages_ms[stage].push_back(ms);
    }
  }
  if (!answered.empty()) keep(state.log.AddFloor(*answered.front()->cell));
}

// Ours of the units, as they are asked.
std::vector<std::vector<Block*>> InRounds(const StudyState& state, const std::string& recipe,
                                          std::vector<Block>& blocks) {
  std::vector<std::vector<Block*>> rounds(static_cast<size_t>(state.options.rounds));
  std::map<BlockKey, Block*> by_key;
  for (Block& block : blocks)
    by_key[{recipe, block.link, block.prepared->entry->page, block.name}] = &block;
  for (size_t i = 0; i < state.units.size(); ++i) {
    const StudyBlock& unit = state.blocks[state.units[i].block];
    if (!state.options.part.Has(i) || unit.recipe != recipe) continue;
    if (const auto found = by_key.find(KeyOf(unit)); found != by_key.end())
      rounds[static_cast<size_t>(state.units[i].round)].push_back(found->second);
  }
  return rounds;
}

}  // namespace

void TakeRounds(StudyState& state, const std::string& recipe, std::vector<Block>& blocks,
                size_t servers, const Share& share) {
  const TimePoint start = Now();
  const auto rounds = InRounds(state, recipe, blocks);
  for (int round = 0; round < state.options.rounds && !Stopped(state) && !blocks.empty(); ++round) {
    for (Block* block : rounds[static_cast<size_t>(round)]) {
      if (!Stopped(state)) TakeBlock(state, *block, round);
    }
    const double one = std::chrono::duration<double>(Now() - start).count() / (round + 1);
    Say(state, fmt::format("{}: round {}/{}, {} servers, {:.0f} s left for this file type", recipe,
                           round + 1, state.options.rounds, servers,
                           Limited(state) ? std::clamp(share.Left(), 0.0,
                                                       one * (state.options.rounds - round - 1))
                                          : one * (state.options.rounds - round - 1)));
    if (Limited(state) && round + 1 < state.options.rounds && one > share.Left()) {
      Say(state,
          fmt::format("{}: its share of the time, {:.0f} s, is used up", recipe, share.seconds));
      return;
    }
  }
}

}  // namespace iiifbench
