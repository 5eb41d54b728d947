// block_grid: whether the pixels of a picture carry a JPEG's quantisation, on a grid of 8x8 from
// their corner, and of which quality.
//
// Standard: ITU-T T.81, A.3.3 (DCT) and A.3.4 (quantisation). Of the luma of up to kMostBlocks
// blocks: for each of the first coefficients and each step q, S(q) = mean of cos(2 pi c / q) over
// the coefficients c of at least q / 2. Of a quantised picture S is near 1 at its step, lowered by
// the rounding to eight bits; of any other it is near 0 or below, as it is on the same picture's
// grid moved by (4, 4), which is the control. A picture that was a JPEG before it was stored in
// another way carries the grid as well: presence proves no format. Absence speaks against a JPEG
// of at most kSeenQuality (finer steps drown in the rounding), and only where the samples are the
// file's own. Threads: any.
#pragma once

#include <string>

#include "kernels/image/image.h"

namespace iiifbench {

struct BlockGrid {
  bool judged = false;  // enough coefficients, of samples as the server had them
  bool there = false;
  int steps = 0;    // coefficients, of the first kGridSteps, whose step was found
  int control = 0;  // the same on the moved grid
  int quality = 0;  // of the IJG's tables the nearest; 0: no grid
  std::string words() const;
};

constexpr int kGridSteps = 14;
constexpr int kSeenQuality = 92;  // of a JPEG whose grid is found

BlockGrid FindBlockGrid(ConstPixelView picture);

}  // namespace iiifbench
