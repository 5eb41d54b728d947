// stage_neighbours: samples of a JPEG library whose caller the unwinder lost (SIMD code has no
// tables) get their stage from what is known around them. So do those that allocate, copy or free
// pictures for whatever stage is at work (Pillow's memory): the nearest known sample of their
// request and thread decides, and none leaves them unknown.
//
// In time: a request is decoded, then resized, then encoded, so a sample after a resize or an
// encode of its request and thread is encode, one before a resize or a decode is decode; between a
// decode and an encode the nearer one decides. By address: where time says nothing, at least three
// samples of the same 256 bytes of the library, three quarters of them agreeing, decide. What is
// left stays kEitherJpeg.
#pragma once

#include <optional>
#include <vector>

#include "harness/attribution/evidence/perf/perf_script.h"
#include "harness/attribution/model/latency_part.h"

namespace iiifbench {

// `requests`: the request that each sample was taken in. `stages` is changed in place.
void SettleByNeighbours(const std::vector<PerfSample>& samples, const std::vector<size_t>& requests,
                        std::vector<std::optional<LatencyPart>>& stages);

}  // namespace iiifbench
