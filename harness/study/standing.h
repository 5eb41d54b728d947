// standing: which cells of a study stand.
//
// A rule that one cell breaks marks that cell, and the others stand: our own lag is above 5 % of
// its median; it has fewer than six samples, so no interval of 95 %; answers were wrong or requests
// failed after a right warm-up; its drift is confirmed (drift.h). What touches the study as a whole
// is in BrokenRules (study.h).
#pragma once

#include <string>
#include <vector>

#include "harness/study/drift.h"
#include "harness/study/study.h"

namespace iiifbench {

constexpr size_t kLeastSamples = 6;   // for an interval of a median at 95 %
constexpr double kLargestLag = 0.05;  // ours, of a median

// The rules that the cell breaks by itself, drift apart; empty: none, or it has no sample.
std::vector<Finding> FaultsOf(const StudyCell& cell);
// Measured, no fault, no confirmed drift.
bool Stands(const StudyCell& cell, const RowDrift& drift);

// "url: connection refused": why there is no sample in the whole study; empty: there is one.
std::string NothingMeasured(const Study& study);

}  // namespace iiifbench
