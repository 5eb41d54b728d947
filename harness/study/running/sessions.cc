#include "harness/study/running/sessions.h"

#include <algorithm>

#include "harness/study/effective/read_back.h"

namespace iiifbench {

ServerSession* SessionOf(StudyState& state, const ServerChoice& choice) {
  for (ServerSession& session : state.sessions) {
    if (session.choice.label == choice.label) return &session;
  }
  StudyServer& about = AboutOf(state.study, choice.label);
  const auto refuse = [&](const Error& error) {
    about.status = error.message;
    state.refused.insert(choice.label);
    Say(state, fmt::format("{}: {}", about.title, about.status));
    return nullptr;
  };
  auto running = LaunchLogged(choice, state.corpus.image_folder,
                              state.options.run_folder + "/" + choice.folder_name(),
                              state.options.jpeg_quality, state.options.engine, state.options.stop);
  if (!running) {
    const size_t others = state.sessions.size();
    return refuse(others == 0 ? running.error()
                              : Fail(running.error().kind, "{} ({} other servers were up)",
                                     running.error().message, others));
  }
  about.version = (*running)->installation.version;
  about.intended = (*running)->intended;
  ServerSession& session = state.sessions.emplace_back(ServerSession{
      .choice = choice, .about = &about, .running = std::move(*running), .paths = {}});
  if (auto written = state.log.AddServer(about); !written)
    state.study.failure = written.error().message;
  for (const auto& link : state.links) {
    auto opened =
        OpenPath(session, link, state.options.link_bytes_per_second, state.options.timeout);
    if (opened) continue;
    Say(state, fmt::format("{}: no link of {}: {}", about.title, link, opened.error().message));
    for (StudyCell& cell : state.study.cells) {
      if (cell.server == choice.label && cell.link == link && IsOpen(cell))
        cell.state = {CellStatus::kNoLink, opened.error().message};
    }
  }
  return &session;
}

void NoteDeath(StudyState& state, ServerSession& session, const Error& error) {
  if (!state.refused.insert(session.choice.label).second) return;
  const size_t others = state.sessions.size() - 1;
  session.about->status = others == 0
                              ? error.message
                              : fmt::format("{} ({} other servers were up beside it; try it alone)",
                                            error.message, others);
  state.study.died.push_back(fmt::format("{}: {}", session.choice.label, session.about->status));
  Say(state, fmt::format("{}: {}", session.about->title, session.about->status));
}

// Read back from what came, not from what was asked for.
void TellOfAnswers(const Study& study, StudyServer& about) {
  std::set<std::string> settings, roundings, changes, doubts;
  for (const StudyCell& cell : study.cells) {
    if (cell.server != about.name) continue;
    if (!cell.settings.empty()) settings.insert(cell.recipe + " " + cell.settings);
    if (!cell.rounding.empty()) roundings.insert(cell.path + ": " + cell.rounding);
    if (!cell.change.empty()) changes.insert(cell.path + ": " + cell.change);
    if (!cell.doubt.empty()) doubts.insert(cell.path + ": " + cell.doubt);
  }
  if (!settings.empty()) about.effective["answers"] = fmt::format("{}", fmt::join(settings, ", "));
  if (!roundings.empty())
    about.effective["sizes"] =
        fmt::format("allowed, and not rounded as ours: {}", fmt::join(roundings, "; "));
  if (!changes.empty())
    about.effective["pictures"] = fmt::format("right, but changed: {}", fmt::join(changes, "; "));
  if (!doubts.empty())
    about.effective["not judged"] =
        fmt::format("neither right nor wrong: {}", fmt::join(doubts, "; "));
  if (auto quality = QualityOf(study, about.name); !quality.empty())
    about.effective["jpeg_quality"] = quality;
  about.differences = Differences(about);
}

void FinishServer(StudyState& state, const ServerChoice& choice) {
  StudyServer& about = AboutOf(state.study, choice.label);
  for (StudyCell& cell : state.study.cells) {
    if (cell.server != choice.label || !IsOpen(cell)) continue;
    cell.state = state.refused.contains(choice.label)
                     ? CellState{CellStatus::kServerGone, about.status}
                     : CellState{CellStatus::kStopped, "stopped before it was measured"};
  }
  if (!state.refused.contains(choice.label)) about.status = "measured";
  TellOfAnswers(state.study, about);
  if (about.version.empty()) return;
  if (auto written = state.log.AddServer(about); !written)
    state.study.failure = written.error().message;
}

}  // namespace iiifbench
