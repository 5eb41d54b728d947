// parallel: independent pieces of one request on a few threads.
//
// Pieces are taken in order from a shared counter, so uneven ones balance. The first error wins and
// ends the rest early. Threads: `threads` counts the caller; 1 runs everything in place without
// touching a thread. The others are started once and kept until the process ends, so that a request
// of a millisecond pays neither for their start nor for their buffers; a caller never waits for one
// that is busy elsewhere, so calls may nest and meet. Not to be used in a child after fork().
#pragma once

#include <functional>
#include <string_view>

#include "kernels/image/result.h"

namespace iiifbench {

// Calls work(piece) for every piece in [0, pieces).
Result<void> ForEachPiece(int pieces, int threads,
                          const std::function<Result<void>(int piece)>& work);

// The same, and ends with an error once the answer is no longer wanted (wanted.h), which is asked
// before each piece. `name`: of the source, for the message.
Result<void> ForEachWantedPiece(int pieces, int threads, std::string_view name,
                                const std::function<Result<void>(int piece)>& work);

}  // namespace iiifbench
