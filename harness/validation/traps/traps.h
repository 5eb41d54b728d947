// traps: situations of real servers that mislead whoever looks at latencies only, one scenario
// each, and what the attribution says: the stage by name, or a refusal with its reason.
//
// Letters are those of the lists that the project was asked for (A-Z and a). Each scenario makes
// the situation - the reference server with a fault plan on a small page, a link, a store, a client
// with a defect - and looks for the sentence or the figure that a reader would need. Caught: it
// names what is wrong; refused: it says why there is no figure; missed: neither. Beside it stands
// the naive reading of the same measurements. The table takes about two minutes.
#pragma once

#include <atomic>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kernels/image/result.h"

namespace iiifbench {

class Scenes;
enum class TrapVerdict { kMissed, kCaught, kRefused };

struct Said {
  std::string naive;  // what a reader of the latencies, or of the naive fit, would believe
  std::string says = "nothing of it";
  TrapVerdict verdict = TrapVerdict::kMissed;
};

struct Trap {
  char letter = 'A';
  std::string trap, scenario;
  std::function<Result<Said>(Scenes&)> run;
};

struct TrapOutcome {
  char letter = 'A';
  std::string trap, scenario;
  Said said;
  double seconds = 0;
};

struct TrapOptions {
  std::string letters;      // "ABE"; empty: all
  std::string work_folder;  // used and left to the caller
  std::function<void(const std::string&)> progress;
  const std::atomic<bool>* stop = nullptr;
};
// The control: what a healthy server of three formats is accused of in the same way; empty is
// right.
Result<std::vector<std::string>> RunTrapControl(const std::string& work_folder);
std::vector<TrapOutcome> RunTraps(const TrapOptions& options);
std::string TrapTable(const std::vector<TrapOutcome>& outcomes);
nlohmann::json TrapsToJson(const std::vector<TrapOutcome>& outcomes);

}  // namespace iiifbench
