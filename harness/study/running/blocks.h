// blocks: the rounds of a file type: all blocks in random order, each by all servers and the floor
// in random order.
#pragma once

#include <string>
#include <vector>

#include "harness/study/running/study_state.h"

namespace iiifbench {

// Ends early when stopped, and when the next round would end after the share.
void TakeRounds(StudyState& state, const std::string& recipe, std::vector<Block>& blocks,
                size_t servers, const Share& share);

}  // namespace iiifbench
