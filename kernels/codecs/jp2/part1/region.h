// jp2/part1/region: a region of a JPEG 2000 part 1 picture from the code-blocks that it touches.
//
// Standard: ITU-T T.800. The packets of the touched tiles are walked (walk.h), the touched
// code-blocks decoded many at once (blocks.h, t1/decode.h), and the inverse wavelet and colour run
// over the region with its margin only, in strips that end as pixels of the caller's view
// (ht/wavelet.h). Bound: tier 1, 60 to 85 % of the time.
//
// Exactness: 5/3 equals OpenJPEG in every bit; 9/7 differs by the order of float additions, at most
// 1 of 255.
//
// Shapes: out has wanted.size(); its channels are the file's first components. Units: pixels of the
// level. Memory: 4 bytes a sample of every component and a third of it again for reduced
// resolutions, of two million samples at once (24 MB for three components, whatever the size of the
// region), and where the code-blocks lie (walk.h). Errors: kUnsupported for what is
// left to OpenJPEG: subsampled components, components of unlike depth, tiles with fewer resolutions
// than the level, component transformations over unlike wavelets, more than 30 bit-planes, code
// styles beyond part 1; kBadInput for damage. Threads: reentrant.
#pragma once

#include "kernels/codecs/jp2/stream.h"

namespace iiifbench::jp2::part1 {

// Returns the samples of one component in the code-blocks that were touched. `rows_at_once`: of the
// wanted resolution; 0: as many as are fast.
Result<int64_t> DecodeRegion(Source& source, const Header& header, const Region& wanted,
                             const DecodeRequest& request, PixelView out, int64_t rows_at_once = 0);

}  // namespace iiifbench::jp2::part1
