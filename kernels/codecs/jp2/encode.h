// jp2/encode: JP2 files by OpenJPEG: RPCL, precincts of 256, code-blocks of 64, PLT; lossless 5/3
// or 9/7 at a ratio. HTJ2K by OpenJPH.
//
// Errors: OpenJPEG's message. Memory: three planes of 32-bit samples of the whole picture, as the
// library wants them.
#pragma once

#include <vector>

#include "kernels/codecs/codec.h"

namespace iiifbench::jp2 {

Result<void> Encode(ConstPixelView image, const EncodeOptions& options, std::vector<uint8_t>& out);

}  // namespace iiifbench::jp2
