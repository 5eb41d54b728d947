// attribute: where a server's time goes for one image, from the first probe to the answer: the one
// pipeline that the command, a study, the proofs and the traps run.
//
// Steps, in this order: observe (observe/observe.h); then, each only where it is asked for, fresh
// connections, a profile, a pass with the source out of the page cache; the judgement (judge.h);
// then requests with several clients at once, whether the server still answers, changes that are
// tried, and the kinds of changes that are no line with the reason. A step that cannot be done
// becomes a finding or a refusal and does not end the others. After `observe.stop` no further step
// begins, and a refusal says so. Units: milliseconds, budgets in seconds. Errors: those of observe:
// no server, no image, no right answer to info.json.
#pragma once

#include "harness/attribution/model/attribution.h"
#include "harness/attribution/observe/observe.h"
#include "harness/attribution/what_if/try_changes.h"

namespace iiifbench {

struct ProfileStep {
  std::string folder;       // for temporary files; exists
  std::string folded_file;  // folded stacks are written there; empty: not kept
  std::chrono::duration<double> budget{4};
};

struct AttributionOptions {
  ObserveOptions observe;
  bool fresh_connections = false;
  std::optional<ProfileStep> profile;  // of `observe.running`; nothing where it has no processes
  bool cold_pass = false;              // only on this machine
  int clients = 0;                     // above 1: every request with so many clients at once
  bool check_still_answers = false;
  const ExperimentOptions* experiments =
      nullptr;  // changes are tried; needs a server that we can start
  bool not_offered = false;
  // Of all steps up to the judgement: the profile then takes a third of what is left. 0: no limit.
  std::chrono::duration<double> budget{0};
  std::function<void(const Attribution&)> answered;  // before changes are tried
};

struct Attributed {
  Observed observed;
  Attribution attribution;
  std::string lost;         // the server no longer answers, in words; empty: it does
  std::string not_written;  // why `profile->folded_file` could not be written; empty: it was
};

Result<Attributed> Attribute(const AttributionOptions& options);

}  // namespace iiifbench
