// wavelet_trace: whether the pixels of a picture carry the quantisation of a lossy wavelet codec.
//
// Standard: ISO/IEC 15444-1, annexes E (quantisation) and F (the 9/7 filters, F.3). A lossy JPEG
// 2000 keeps little of the finest diagonal subband, whose coefficients stand at odd columns and odd
// rows; the same filter at even ones sees what other subbands hold. Of places of 64 x 64 pixels the
// ratio of the two rms is near 1 for every picture but such a one. Measured on our pages: 0.83 at
// 10:1, 0.12 at 20:1 of a map; 0.97 and more for JPEG and for lossless; a page with little noise is
// coded nearly without loss at 10:1 and shows nothing. So only presence says something, and of the
// picture's past: it may have been stored otherwise since. Threads: any.
#pragma once

#include <string>

#include "kernels/image/image.h"

namespace iiifbench {

struct WaveletTrace {
  bool judged = false;  // enough places that are not flat
  double ratio = 1;     // median of odd to even
  bool there() const { return judged && ratio < 0.88; }
  std::string words() const;  // empty: nothing is there
};

WaveletTrace FindWaveletTrace(ConstPixelView picture);

}  // namespace iiifbench
