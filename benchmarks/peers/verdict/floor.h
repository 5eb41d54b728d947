// floor: whether any comparable library is below ours, and the second look that decides it.
//
// Rule. A peer looks below ours where the whole interval of its ratio / ours lies below 1. Of some
// two hundred intervals of 0.95 a few do so by chance, and so does ours against itself when the
// machine is busy. So one block of rounds makes a suspect only. At the end of the run its case is
// measured again: jobs made anew, more rounds, another order, only ours, the control (ours again)
// and the suspects. The floor is broken by a peer whose second interval lies wholly below 1 and
// wholly below the second interval of the control / ours. Otherwise it is a tie, printed as "not
// confirmed" with both intervals. A second block that could not be run confirms nothing and excuses
// nothing: the first one stands.
#pragma once

#include "benchmarks/peers/rounds.h"

namespace iiifbench::peers {

enum class Stand {
  kApart,         // other work, other pixels, or not measured
  kSlower,        // than ours, the whole interval
  kLevel,         // the interval holds 1
  kSuspect,       // below ours in the first block; there is no second one yet
  kNotConfirmed,  // below ours in the first block only
  kFaster,        // the floor is broken
};
Stand StandOf(const CaseResult& result, const Row& peer);

// The row of the second block with this label, if it was measured; null otherwise.
const Row* AgainOf(const CaseResult& result, std::string_view label);
// "0.93 (0.85-0.97)".
std::string Print(const Ratio& ratio);
// Both blocks of a suspect: "first 0.93 (0.85-0.97), again 1.01 (0.99-1.02), control again 1.00
// (0.98-1.01)".
std::string BothBlocks(const CaseResult& result, const Row& peer);

// "holds"; "broken by <label>: ..."; "ties with ...", "not confirmed: <label> ...".
std::string FloorOf(const CaseResult& result);

// Whether a case has suspects, and their second block, which fills `result.again`.
bool HasSuspects(const CaseResult& result);
void MeasureAgain(CaseResult& result, std::span<const Peer* const> peers, RoundOptions options);

// The rule as a paragraph for the report.
std::string RuleAsMarkdown();

}  // namespace iiifbench::peers
