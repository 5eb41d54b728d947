// The scalar decoder in plain C++: for arm64, and for x86 where gathering bits is slow or absent.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <vector>

#include "kernels/codecs/jp2/t1/code_string.h"
#include "kernels/codecs/jp2/t1/core.h"
#include "kernels/codecs/jp2/t1/expand.h"
#include "kernels/codecs/jp2/t1/tables.h"
#include "kernels/codecs/jp2/t1/word.h"

namespace iiifbench::jp2::t1::portable {

struct Machine {
  // Bits 0-2, 6, 8, 12-14 and bits 1, 6, 8, 13, moved together.
  static uint64_t Gather8(uint64_t w) {
    return (w & 7) | (w >> 3 & 8) | (w >> 4 & 16) | (w >> 7 & 0xE0);
  }
  static uint64_t Gather4(uint64_t w) {
    return (w >> 1 & 1) | (w >> 5 & 2) | (w >> 6 & 4) | (w >> 10 & 8);
  }
  // For the samples of `m` in order: 16 if refined before, else 15 with neighbours, else 14.
  static void ListContexts(uint64_t m, uint64_t neighbours, uint64_t refined, uint8_t* list) {
    for (; m != 0; m &= m - 1) {
      const int s = std::countr_zero(m);
      const auto before = static_cast<uint8_t>(refined >> s & 1);
      *list++ = static_cast<uint8_t>(14 + 2 * before + ((neighbours >> s & 1) & (before ^ 1u)));
    }
  }
  // The bits that were decided for the samples of `m`, where they belong.
  static uint64_t Scatter(const uint8_t* decided, uint64_t m) {
    uint64_t bits = 0;
    for (; m != 0; m &= m - 1) bits |= uint64_t{*decided++} << std::countr_zero(m);
    return bits;
  }
};

}  // namespace iiifbench::jp2::t1::portable

#define T1_NAMESPACE portable
#define T1_ASSEMBLY 0
#include "kernels/codecs/jp2/t1/core-inl.h"
