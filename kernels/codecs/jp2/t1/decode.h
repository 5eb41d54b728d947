// jp2/t1/decode: code-blocks to samples on the fastest decoder that this processor has.
//
// Standard: ITU-T T.800 annexes C and D, all styles of code-blocks. Decoders: eight blocks in
// lockstep (AVX-512), two in turns with BMI2, two in turns in plain C++. All give the same samples
// for any bytes, damaged ones too. Time per block of 64x64: see the headers of the decoders.
//
// Memory: what a thread keeps, up to 3 MB. Errors: false where a code string is one that no coder
// writes (its first interval overflows), and damage shows; all other bytes decode to something.
// Blocks must be sound (IsSound). Threads: reentrant.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "kernels/codecs/jp2/t1/code_block.h"

namespace iiifbench::jp2 {

enum class BlockTarget { kPortable, kBmi2, kAvx512 };
std::string_view BlockTargetName(BlockTarget target);
// Those that this build and processor have, the slowest first.
std::vector<BlockTarget> BlockTargets();

// The order of the blocks is free; more at once means better filled lanes.
bool DecodeCodeBlocks(std::span<const CodeBlock> blocks);
bool DecodeCodeBlocks(std::span<const CodeBlock> blocks, BlockTarget target);

}  // namespace iiifbench::jp2
