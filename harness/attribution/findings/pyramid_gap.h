// pyramid_gap: a TIFF whose stored levels are not halves of one another.
//
// Servers that count halvings instead of reading widths take one level for another there.
// IIPSrv 1.1 does (View::calculateResolution): it asks the level for tiles that lie outside, and
// its worker ends, which the front end reports as 503. A pyramid that stops early has no gap.
#pragma once

#include <string>

#include "kernels/codecs/codec.h"

namespace iiifbench {

// In words, with the widths; empty: none, or no pyramid.
std::string PyramidGap(const ImageInfo& info);
std::string PyramidGapIn(const std::string& file);

// Leaves the first `levels` pages of a TIFF in place: the last of them no longer names a next one,
// no pixel is touched. Other formats stay as they are. Errors: kUnsupported for BigTIFF; kIo.
Result<void> CutPyramid(const std::string& file, int levels);

}  // namespace iiifbench
