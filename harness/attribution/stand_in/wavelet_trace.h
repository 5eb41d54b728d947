// wavelet_trace: whether the pixels of a picture carry the quantisation of a lossy wavelet codec.
//
// Standard: ISO/IEC 15444-1, annexes E (quantisation) and F (the 9/7 filters, F.3). At usual rates
// a lossy JPEG 2000 keeps hardly anything of the finest diagonal subband. Its coefficients stand at
// odd columns and odd rows; the same filter at even ones sees what other subbands hold. Of places
// of 64 x 64 pixels: quiet where the filter's rms at odd places is below what rounding to eight
// bits makes, one-sided where it is so at odd places and clearly not at even ones. Only a wavelet
// on this grid is one-sided; a denoised picture is quiet on both. Presence proves no format,
// because a picture may have been stored so before. Absence of quiet places speaks against a lossy
// JPEG 2000 where the samples are the file's own. Threads: any.
#pragma once

#include <string>

#include "kernels/image/image.h"

namespace iiifbench {

struct WaveletTrace {
  bool judged = false;  // enough places with detail
  int places = 0;
  double quiet = 0;      // share of the places
  double one_sided = 0;  // share of the places with detail
  bool there() const { return judged && one_sided > 0.25; }
  bool excluded() const { return judged && quiet < 0.05; }
  std::string words() const;
};

WaveletTrace FindWaveletTrace(ConstPixelView picture);

}  // namespace iiifbench
