// sessions: servers of a study begin, end and are told of in its results.
#pragma once

#include <string>

#include "harness/study/running/study_state.h"

namespace iiifbench {

// The server with its links, started when it is not; null when it cannot be: then it is refused,
// and its status says why.
ServerSession* SessionOf(StudyState& state, const ServerChoice& choice);
// Its cells that are not whole say how it ended; what was measured of them stays.
void NoteDeath(StudyState& state, ServerSession& session, const Error& error);
// What the answers of a server tell of its settings, against what it was told.
void TellOfAnswers(const Study& study, StudyServer& about);
// After the last round: what its answers tell of its settings, against what it was told.
void FinishServer(StudyState& state, const ServerChoice& choice);

}  // namespace iiifbench
