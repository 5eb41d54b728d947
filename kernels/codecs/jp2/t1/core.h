// jp2/t1/core: the scalar decoders of code-blocks, see core-inl.h.
//
// The blocks must be sound (IsSound), whatever their bytes are. False: some code string is one that
// no coder writes, and its block is not what others make of it. Threads: reentrant.
#pragma once

#include <span>

#include "kernels/codecs/jp2/t1/code_block.h"

namespace iiifbench::jp2::t1 {

namespace portable {
bool DecodeInTurns(std::span<const CodeBlock> blocks);
}
#if defined(__x86_64__)
namespace bmi2 {  // needs BMI2 and LZCNT
bool DecodeInTurns(std::span<const CodeBlock> blocks);
}
namespace avx512 {  // see lanes_avx512.cc for what it needs
bool DecodeInLanes(std::span<const CodeBlock> blocks);
}
#endif

}  // namespace iiifbench::jp2::t1
