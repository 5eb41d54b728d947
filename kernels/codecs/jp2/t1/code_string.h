// jp2/t1/code_string: a code string without its stuffing.
//
// Standard: ITU-T T.800 C.3.4 (BYTEIN: the byte behind FF has a carry and seven bits; above 8F it
// is a marker, and ones follow for ever), D.6 (raw bits). Why ahead: the decoders then refill 64
// bits at once and never look for FF. Memory: `out` grows to the bytes and 96 more. Threads:
// reentrant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace iiifbench::jp2::t1 {

struct CodeString {
  size_t bytes = 0;  // of `out`; 40 more stand behind, ones (raw) or zeros
  // False where a carry leaves the string at the front: no coder writes that, since its code stays
  // below the first interval.
  bool possible = true;
};
// For the MQ decoder the bits are inverted.
CodeString Unstuff(std::span<const uint8_t> from, bool raw, std::vector<uint8_t>& out);

}  // namespace iiifbench::jp2::t1
