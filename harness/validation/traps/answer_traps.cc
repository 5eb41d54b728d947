// Traps in the answers: a latency of the wrong thing. The attribution refuses, with the reason.
#include "harness/stats/quantile.h"
#include "harness/validation/traps/scenes.h"

namespace iiifbench {
namespace {

std::function<Result<Said>(Scenes&)> Refused(Look look, std::vector<FindingName> names,
                                             const std::string& naive) {
  return [look = std::move(look), names = std::move(names), naive](Scenes& scenes) -> Result<Said> {
    auto seen = scenes.At(look);
    if (!seen) return seen.error();
    std::vector<Finding> said_of_it = seen->attribution.refusals;
    const auto& findings = seen->attribution.findings;
    said_of_it.insert(said_of_it.end(), findings.begin(), findings.end());
    Said said;
    for (const FindingName& name : names) {
      if (said.verdict == TrapVerdict::kMissed) said = Named(said_of_it, {name});
    }
    said.naive = naive;
    if (said.verdict == TrapVerdict::kCaught) said.verdict = TrapVerdict::kRefused;
    return said;
  };
}

}  // namespace

void AddAnswerTraps(std::vector<Trap>& traps) {
  // A decode that costs something, so that an answer from memory is another kind of fast than a
  // quick server.
  traps.push_back({'I', "a derivative cache left on", "answers are kept",
                   Refused({.recipe = "jp2_lossless", .faults = {{"cache", true}}},
                           {"cache-answers"}, "the median of repeats is the cache's latency")});
  traps.push_back({'J', "a constant picture answered fast", "grey pictures of the right size",
                   Refused({.faults = {{"answer", "grey"}}}, {"wrong-answers"},
                           "status 200, a JPEG of the right size: a fast server")});
  traps.push_back({'K', "another size", "pictures one pixel too narrow",
                   Refused({.faults = {{"answer", "smaller"}}}, {"wrong-answers"},
                           "status 200, a JPEG: as good as the others")});
  traps.push_back({'Q', "labels swapped", "the file named is another page than the URL serves",
                   Refused({.other_page = true}, {"wrong-answers"},
                           "figures of one page under the name of another")});
}

}  // namespace iiifbench
