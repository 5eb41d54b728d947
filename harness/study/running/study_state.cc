#include "harness/study/running/study_state.h"

#include <algorithm>

namespace iiifbench {

bool Stopped(const StudyState& state) {
  return !state.study.failure.empty() ||
         (state.options.stop != nullptr && state.options.stop->load());
}

void Say(const StudyState& state, const std::string& line) {
  if (state.options.progress) state.options.progress(line);
}

StudyServer& AboutOf(Study& study, const std::string& label) {
  return *std::ranges::find(study.servers, label, &StudyServer::name);
}

bool IsOpen(const StudyCell& cell) { return cell.state.open(); }

std::vector<RequestClass> ClassesOf(const StudyOptions& options, const CorpusEntry& entry) {
  if (!options.founding) return RequestClasses(entry.size);
  auto classes = FoundingClasses(entry.size);
  // Answers are JPEG: a source of this type may be streamed.
  if (FindRecipe(entry.recipe)->extension == "jpg") classes.push_back(FullSizeCropped(entry.size));
  return classes;
}

int OpenCells(const StudyState& state, const std::string& server, const std::string& recipe) {
  return static_cast<int>(std::ranges::count_if(state.study.cells, [&](const StudyCell& cell) {
    return IsOpen(cell) && (server.empty() || cell.server == server) &&
           (recipe.empty() || cell.recipe == recipe) && !state.refused.contains(cell.server);
  }));
}

}  // namespace iiifbench
