// traps: situations of real servers that mislead whoever looks at latencies only, one scenario each, and what
// the attribution says: the stage by name, or a refusal with its reason.
//
// Letters are those of the list that the project was asked for (A-W). Each scenario starts the reference
// server with a fault plan on small pages, or a client with a defect, and looks for one sentence or one
// figure that a reader would need; a trap is missed when it is not there. Traps without a scenario say so and
// count as missed.
#pragma once

#include <string>
#include <vector>

#include "data/corpus.h"

namespace iiifbench {

struct TrapOutcome {
  char letter = 'A';
  std::string trap, scenario, says;
  bool caught = false;
};

// `letters`: "ABE"; empty: all. `work_folder` is used and left to the caller.
std::vector<TrapOutcome> SpringTraps(const std::string& letters, const std::string& work_folder);
std::string TrapTable(const std::vector<TrapOutcome>& outcomes);

}  // namespace iiifbench
