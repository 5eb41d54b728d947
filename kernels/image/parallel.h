// parallel: independent pieces of one request on a few threads.
//
// Pieces are taken in order from a shared counter, so uneven ones balance. The first error wins and ends the
// rest early. Threads: `threads` counts the caller; 1 runs everything in place without touching a thread.
#pragma once

#include <functional>

#include "kernels/image/result.h"

namespace iiifbench {

// Calls work(piece) for every piece in [0, pieces).
Result<void> ForEachPiece(int pieces, int threads, const std::function<Result<void>(int piece)>& work);

}  // namespace iiifbench
