// tiff/by_library: units through libtiff, the way for whatever our own readers do not take.
//
// What libtiff reports while it decodes, error or warning, is damage: it goes on with rows that it
// guesses. What it does not report shows in the last row that is needed: decoders write rows in
// order, so that row is marked before and its end must have changed. Memory: one unit, planes apart
// one of each plane; kept by the thread up to kMostKept. Errors: kBadInput with unit and offset.
#pragma once

#include "kernels/codecs/tiff/convert.h"
#include "kernels/codecs/tiff/units.h"

namespace iiifbench::tiff {

Result<void> ByLibrary(File& file, const Level& level, const std::vector<Unit>& units,
                       const Region& wanted, PixelView out);

}  // namespace iiifbench::tiff
