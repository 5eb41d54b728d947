#include "harness/study/running/run_servers.h"

#include <algorithm>

#include "harness/study/running/blocks.h"
#include "harness/study/running/sessions.h"
#include "harness/study/running/sharing.h"
#include "harness/study/running/warming.h"

namespace iiifbench {
namespace {

// The cells of one server, with what an earlier session measured.
void MakeCells(StudyState& state, const ServerChoice& choice) {
  for (const auto& link : state.links) {
    for (const CorpusEntry& entry : state.corpus.entries) {
      for (const RequestClass& c : ClassesOf(state.options, entry)) {
        StudyCell cell = {.server = choice.label,
                          .recipe = entry.recipe,
                          .request_class = c.name,
                          .page = entry.page,
                          .path = c.path,
                          .link = link};
        for (StudyCell& before : state.earlier.cells) {
          if (!SameCell(before, cell)) continue;
          before.path = cell.path;
          cell = std::move(before);
        }
        const auto ours = state.rounds.find({cell.recipe, link, cell.page, cell.request_class});
        if (ours == state.rounds.end()) continue;  // another shard's
        if (cell.floor_ms.size() >= ours->second.size()) cell.state = {CellStatus::kMeasured};
        const std::string refusal = choice.server->refuses(*FindRecipe(entry.recipe));
        if (!refusal.empty()) cell.state = {CellStatus::kNotTaken, refusal};
        state.study.cells.push_back(std::move(cell));
      }
    }
  }
}

void RunRecipe(StudyState& state, const std::string& recipe,
               const std::vector<ServerChoice>& choices) {
  if (OpenCells(state, "", recipe) == 0) return;
  Share share{.began = Now()};
  if (Limited(state)) share.seconds = Allot(state, recipe, NeedOf(state, recipe)).seconds;
  std::vector<ServerSession*> sessions;
  for (const ServerChoice& choice : choices) {
    if (Stopped(state) || OpenCells(state, choice.label, recipe) == 0) continue;
    if (ServerSession* session = SessionOf(state, choice)) sessions.push_back(session);
  }
  std::list<Prepared> prepared;
  auto blocks = WarmBlocks(state, recipe, sessions, prepared, share);
  ReadBack(state, blocks, sessions);
  for (ServerSession* session : sessions) session->running->TakeLog();
  if (!blocks.empty()) WatchIdle(state, sessions);
  if (Limited(state) && !blocks.empty()) FitBlocks(state, recipe, blocks, share);
  TakeRounds(state, recipe, blocks, sessions.size(), share);
  for (StudyCell& cell : state.study.cells) {
    if (cell.recipe != recipe) continue;
    if (cell.state.measured() && cell.total_ms.empty())
      cell.state = {CellStatus::kStopped, "stopped before it was measured"};
  }
}

}  // namespace

void RunServers(StudyState& state, const std::vector<ServerChoice>& choices) {
  for (const ServerChoice& choice : choices) {
    StudyServer about{.name = choice.label, .title = choice.title(), .version = {}, .status = {}};
    if (const auto before = state.earlier.servers.find(choice.label);
        before != state.earlier.servers.end()) {
      about.version = before->second.version;
      about.intended = before->second.intended;
      about.effective = before->second.effective;
      about.idle_cpu = before->second.idle_cpu;
    }
    state.study.servers.push_back(std::move(about));
    MakeCells(state, choice);
  }
  std::vector<std::string> recipes;
  for (const CorpusEntry& entry : state.corpus.entries) {
    if (std::ranges::find(recipes, entry.recipe) == recipes.end()) recipes.push_back(entry.recipe);
  }
  if (Limited(state)) WeighRecipes(state);
  for (const auto& recipe : recipes) {
    if (Stopped(state)) break;
    RunRecipe(state, recipe, choices);
    // A server that has nothing left to do gives its memory back.
    state.sessions.remove_if([&](const ServerSession& session) {
      return state.refused.contains(session.choice.label) ||
             OpenCells(state, session.choice.label, "") == 0;
    });
  }
  for (const ServerChoice& choice : choices) FinishServer(state, choice);
  state.sessions.clear();
}

}  // namespace iiifbench
