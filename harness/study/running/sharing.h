// sharing: how a limited time is shared by the file types, and what of one fits into its share.
//
// By budget.h, from our kernels' time of each request and what servers were seen to take beyond it.
// Units: seconds, but enough_minutes.
#pragma once

#include <string>
#include <vector>

#include "harness/study/running/budget.h"
#include "harness/study/running/study_state.h"

namespace iiifbench {

// Times our kernels for every request, and says the first guess.
void WeighRecipes(StudyState& state);
TimeNeed NeedOf(const StudyState& state, const std::string& recipe);

// Of the time that is left: what a file type that needs `need` may take beside the others; and all
// minutes of the study that would hold six rounds of each.
struct Allotted {
  double seconds = 0, enough_minutes = 0;
  bool enough = false;
};
Allotted Allot(const StudyState& state, const std::string& recipe, const TimeNeed& need);

// Its cells get that status.
void LeaveOut(Block& block);
// Says beforehand what fits, and leaves out what does not. What the requests took when they were
// warm is known now, so that the share is made anew.
void FitBlocks(StudyState& state, const std::string& recipe, std::vector<Block>& blocks,
               Share& share);

}  // namespace iiifbench
