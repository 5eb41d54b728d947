// tiff/units: the tiles or strips that a rectangle touches, and where they stand in the file.
//
// Units: pixels of the level, bytes of the file. Memory: one Unit per touched tile or strip; what a
// file or request claims is counted before any is made. A unit of offset 0 and 0 bytes was left out
// by its writer (a sparse file): its samples are 0. Errors: kTooLarge beyond limits, kBadInput for
// units outside the file.
#pragma once

#include <vector>

#include "kernels/codecs/tiff/file.h"

namespace iiifbench::tiff {

struct Unit {
  uint32_t index = 0;
  Region area;     // of the unit, in level pixels, clipped to the level
  Region touched;  // area and wanted
};

// Where a unit stands.
struct Place {
  uint64_t offset = 0;
  uint64_t bytes = 0;
  bool left_out() const { return offset == 0 && bytes == 0; }
};

// Fails before anything is made where a level of such units, or so many of them, are beyond limits.
Result<std::vector<Unit>> TouchedUnits(const File& file, const Level& level, const Region& wanted,
                                       const DecodeLimits& limits);

// Of unit number `index` (planes apart: counted on from plane to plane) of the current directory.
Result<Place> PlaceOf(const File& file, const Level& level, uint32_t index);

// "strip 3 at byte 1234".
std::string NameOf(const Level& level, uint32_t index, const Place& place);

}  // namespace iiifbench::tiff
