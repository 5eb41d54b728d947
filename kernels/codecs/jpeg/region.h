// jpeg/region: decodes a region at a level through a splice of just the touched MCUs, found by a
// length-only scan of the file (`best`) or from an index (`indexed`).
//
// Exactness. The pixels are those of libjpeg-turbo's whole decode. Smooth chroma upsampling looks
// one sample beyond: the spliced picture covers the region and one pixel more on each side (rounded
// out to MCUs), and is at least four MCUs wide where the page is, since the library upsamples
// pictures of under three chroma samples in another way. Threads. Rows of MCUs are shared out; each
// thread splices and decodes its own small picture, with a margin of one row of MCUs. Two threads
// share the pass over what stands above the region, too (huffman/split.h).
//
// Memory: scratch is kept per thread. Errors: as Codec::decode.
#pragma once

#include <string>

#include "kernels/codecs/codec.h"

namespace iiifbench::jpeg {

// For tests: go the way that is taken where the library cannot be taken over
// (EntropyDecoder::Available).
extern bool force_splice;

// Fills `out` with `wanted` (in pixels of the level), or leaves it to the library: then `done` is
// false and `reason` says why (empty: the library is no slower here).
struct SpliceOutcome {
  bool done = false;
  std::string reason;
  DecodeReport report;
};
Result<SpliceOutcome> DecodeSpliced(Source& source, const DecodeRequest& request,
                                    const Region& wanted, PixelView out);

}  // namespace iiifbench::jpeg
