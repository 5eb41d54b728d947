// entry_points: every way into the kernels, tried with one file.
//
// probe; build_index; decode of the whole and of random regions, at every level, by every variant,
// the answers beside each other and beside the crop of the whole; the same again with every reused
// buffer poisoned (kernels/image/reused.h); render of legal requests. Verdicts: "answered";
// "partly" (answered by a variant that reads no further than it must, refused by one that reads
// more and meets damage there); "refused: <kind>"; "differs" (two variants, or part and whole);
// "uneven" (a variant that reads less refuses what another answers); "poison" (the answer holds
// what its decoder did not write); "changes" (two answers to one question).
#pragma once

#include "tests/kernels/hostile/outcome.h"

namespace iiifbench::hostile {

struct Trial {
  uint64_t seed = 1;
  int regions = 6;                   // of each level
  int64_t most_pixels = 50'000'000;  // DecodeLimits: what a careful server would set
};

void TryFile(const std::string& path, const Trial& trial, const Limits& limits, Report& report);

}  // namespace iiifbench::hostile
