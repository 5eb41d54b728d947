// reasons: what the same run measured to stand between a case and its target.
//
// Only figures of this run: those of another machine would explain another machine.
// - two threads: how many processors they kept busy, and what their work cost beside one thread's;
// - a request: what decoding and encoding alone take of it (libraries/part.h), and the ratio
// without the rest;
// - resize: time by taps over the filters of the same sizes, ours and the peer's; without a peer of
// every
//   filter, how fast the source is read;
// - a level of a JPEG: what 1/8 takes of it, where little but entropy decoding, which no level
// avoids, is left.
#pragma once

#include "benchmarks/peers/rounds.h"

namespace iiifbench::peers {

// The first measured row whose label begins so; null where there is none.
const Row* FindRow(const CaseResult& result, std::string_view label, bool ours);
// Processor time of one row over another's in the same rounds, median.
double ProcessorTimeRatio(const Row& of, const Row& over);

// "measured here: ..."; empty where nothing was.
std::string WhatStandsInTheWay(const std::vector<CaseResult>& results, const CaseResult& result,
                               const Row& ours, const Row& peer);

}  // namespace iiifbench::peers
