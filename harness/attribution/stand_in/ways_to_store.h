// ways_to_store: the ways in which archives store pages, as far as our encoders write them.
//
// Of ways whose decoder costs alike per tile (deflate, LZW, zstd), one stands for all: a multiple
// of it explains the others, and latencies do not tell them apart. Two rates of JPEG, because a
// JPEG's cost moves between its rows and its pixels with the rate. Tile sizes follow info.json
// where it names one; of a pyramid others are tried too.
#pragma once

#include <vector>

#include "harness/answers/info_document.h"
#include "harness/attribution/stand_in/block_grid.h"
#include "harness/attribution/stand_in/stored_as.h"

namespace iiifbench {

// A JPEG has the quality that the pixels show, or a finer one than pixels can show.
std::vector<WayToStore> WaysToStore(const InfoDocument& info, const BlockGrid& grid);
// Uncompressed: what answers are compared with, and a candidate itself.
WayToStore PlainWay(const InfoDocument& info);

}  // namespace iiifbench
