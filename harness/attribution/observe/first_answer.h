// first_answer: what the signatures alone say, in plain words, seconds after the start and before
// any fit.
//
// A dozen ratios of medians; each that stands out is a sentence, the strongest first: a cache, a
// file that is parsed for every request, work on the whole picture, a decoder that starts at the
// top, levels or DCT scaling used or not, a link. None of them is a share of the latency: those
// come with the fit.
#pragma once

#include <string>

#include "harness/attribution/model/observed.h"

namespace iiifbench {

// "signatures: repeat/first 0.98, bottom/top not measured, ...".
std::string Describe(const Signatures& signatures);

// `tile_ms`: the median of a 256 px tile, 0 where none was measured.
std::string FirstAnswer(const Signatures& signatures, const std::string& codec,
                        const NetworkCost& network, double tile_ms);

}  // namespace iiifbench
