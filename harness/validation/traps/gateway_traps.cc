// Traps in what stands before a server: the answers are right, and their times are a gateway's.
#include "harness/validation/traps/scenes.h"

namespace iiifbench {
namespace {

std::function<Said(const Attributed&)> NamesOrRefuses(FindingName name) {
  return [name](const Attributed& seen) {
    Said said = Named(seen.attribution.findings, {name});
    if (said.verdict != TrapVerdict::kMissed) return said;
    said = Named(seen.attribution.refusals, {name});
    if (said.verdict != TrapVerdict::kMissed) said.verdict = TrapVerdict::kRefused;
    return said;
  };
}

}  // namespace

void AddGatewayTraps(std::vector<Trap>& traps) {
  traps.push_back(
      {'X', "a gateway that delays to a rate", "one answer in 120 ms at most",
       By({.budget = 8, .before = Oddity::kPaced}, NamesOrRefuses("answers-are-paced"))});
  traps.push_back({'Y', "Nagle and delayed acknowledgements",
                   "40 ms more for each answer of a connection after its first",
                   By({.budget = 8, .before = Oddity::kDelayedAcknowledged},
                      NamesOrRefuses("delayed-acknowledgement"))});
  traps.push_back({'Z', "two unequal back ends", "half of the pictures take 2.5 times as long",
                   By({.recipe = "jp2_lossless", .budget = 8, .before = Oddity::kTwoBackEnds},
                      NamesOrRefuses("two-speeds"))});
  traps.push_back({'a', "a cache that was warm before", "answers that a cache says it gave",
                   By({.before = Oddity::kWarmCache}, NamesOrRefuses("cached-before-we-came"))});
}

}  // namespace iiifbench
