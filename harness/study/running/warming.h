// warming: before the rounds, servers and kernels get warm, are left alone for a moment, and are
// read back.
#pragma once

#include <list>
#include <string>
#include <vector>

#include "harness/study/running/study_state.h"

namespace iiifbench {

// The blocks of a recipe whose servers answer right. Right answers are kept in `prepared`, to which
// the blocks point.
std::vector<Block> WarmBlocks(StudyState& state, const std::string& recipe,
                              const std::vector<ServerSession*>& sessions,
                              std::list<Prepared>& prepared, const Share& share);
// Waits until no server works on its own, at most two seconds; keeps the most of the last look.
void WatchIdle(const StudyState& state, const std::vector<ServerSession*>& sessions);
// What each server really does, asked once, by its cheapest request with pixels.
void ReadBack(StudyState& state, const std::vector<Block>& blocks,
              const std::vector<ServerSession*>& sessions);

}  // namespace iiifbench
