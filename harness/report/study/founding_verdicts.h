// founding_verdicts: does each published finding of the founding study hold in this run?
//
// Findings: JPEG q90 is the fastest file type (with libjpeg-turbo); Cantaloupe is fastest for
// full-size images; Loris is fastest for crops and resizes. A finding is a list of contests, one a
// link x operation (x file type): its champion's median against the best rival's. A contest is won
// or lost where the 95 % intervals of the medians do not touch, or, of one file type measured in
// turns, where that of the ratio within the rounds does not hold 1; else open. Our reference server
// takes no part, nor do answers that are other work (traps of a cell): they are named. Verdict:
// "holds" when more than half are won and none is lost, "does not hold" when more than half are
// lost, else "cannot tell here", each with its figures. With attributions of champion and rival for
// the very request, the contest says which stage decides it: the one in which their times differ
// most. Where either merged that stage with others, they decide together, by the sum of their
// times. It cannot be told where intervals overlap, or where the unexplained rests differ more;
// over a link, what is above loopback is network. The verdict counts them. A contest of a row whose
// drift is confirmed (study/drift.h) is not counted; the verdict hangs on drift where such
// contests, all won or all lost, would make it another.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace iiifbench {

// Of study.json's cells. Result: [{finding, verdict, why, contests[{link, operation, recipe,
// champion, champion_ms, rival, rival_ms, ratio, outcome, deciding, stage}], decided_by{stage: n},
// hangs_on_drift, left_out[]}].
nlohmann::json FoundingVerdicts(const nlohmann::json& study,
                                const std::vector<nlohmann::json>& attributions = {});
// Into study["verdicts"]; one that hangs on drift is a reason of not_reportable.
void PutFoundingVerdicts(nlohmann::json& study, const std::vector<nlohmann::json>& attributions);
std::string FoundingVerdictsToMarkdown(const nlohmann::json& verdicts);

}  // namespace iiifbench
