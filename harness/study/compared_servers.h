// compared_servers: is server B slower than server A? Both as a study measures them: in blocks,
// request by request, in random order, every answer decoded and compared.
//
// Beside A and B runs A once more (where the harness starts it). What the two sessions of A differ
// by is what the ratio of any two sessions may be off by, and is no verdict. Cases:
// "recipe/page:p/class", with "/link:l" over a link; samples of a case are pairs of one round.
// Answers that are other work (answer_traps.h), wrong ones, and what makes the study NOT REPORTABLE
// are warnings. Units: milliseconds. Errors: of the study; kIo with the server and why when one of
// the two has measured nothing.
#pragma once

#include "harness/stats/timed_run.h"
#include "harness/study/study.h"

namespace iiifbench {

struct TimedPair {
  TimedRun a, b;
  bool complete = false;
};
// `options.servers`: A and B, in launch.h's grammar.
Result<TimedPair> MeasureServers(StudyOptions options);

// The same server and settings under a tag that neither has: "reference#again:workers=2". Empty for
// a given URL, which is one server however often it is measured.
std::string AgainLabel(const std::string& label);
// The pairs of a study's cells.
Result<TimedPair> PairsOf(const Study& study, const std::string& a, const std::string& b,
                          const std::string& again);

}  // namespace iiifbench
