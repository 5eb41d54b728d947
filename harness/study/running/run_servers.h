// run_servers: all servers of a study over all recipes and links.
//
// Recipe by recipe: start and warm what takes it (sessions.h, warming.h), fit it into its share of
// the time (sharing.h), take its rounds (blocks.h).
#pragma once

#include <vector>

#include "harness/study/running/study_state.h"

namespace iiifbench {

void RunServers(StudyState& state, const std::vector<ServerChoice>& choices);

}  // namespace iiifbench
