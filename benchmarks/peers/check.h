// check: is an answer the picture that was asked for?
//
// References: resize by the formula in double precision; a region as the crop of the library's
// whole decode of its level; encoding the pixels that went in (exact where lossless); a request as
// its level's crop, resized in double precision. Bounds. Ours: decodes identical (lossy JPEG
// 2000, by two transforms: mean <= 0.01, never beyond 1); resize mean <= 0.05 and never beyond 1;
// what is encoded within 1.5 times what one round trip through libjpeg-turbo at that quality costs.
// Peers: a mean of 0.6 for rounding, coarser weights and other inverse transforms; encoded, twice
// the round trip. Beyond that they have made another picture and stand apart.
#pragma once

#include "benchmarks/peers/peer.h"

namespace iiifbench::peers {

struct Reference {
  Image pixels;
  double ours_mean = 0;  // bounds
  int ours_maximum = 255;
  double agree_mean = 0.6;
};
Result<Reference> ReferenceOf(const Task& task);
// How far the answer, decoded where it is encoded, is from the reference; an error where the shape
// is another.
Result<Difference> ErrorOf(const Answer& answer, const Image& reference);

}  // namespace iiifbench::peers
