// The scalar decoder with BMI2: bits are gathered by pext, decisions are assembly with cmov, which
// compilers turn into branches (168 instead of 100 us a block).
#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <vector>

#include "hwy/base.h"
#include "kernels/codecs/jp2/t1/code_string.h"
#include "kernels/codecs/jp2/t1/core.h"
#include "kernels/codecs/jp2/t1/expand.h"
#include "kernels/codecs/jp2/t1/tables.h"
#include "kernels/codecs/jp2/t1/word.h"

// Behind all other headers, so that no function of theirs is compiled for this processor only.
HWY_PUSH_ATTRIBUTES("bmi,bmi2,lzcnt,popcnt")

namespace iiifbench::jp2::t1::bmi2 {

struct Machine {
  static uint64_t Gather8(uint64_t w) { return _pext_u64(w, 0x7147); }
  static uint64_t Gather4(uint64_t w) { return _pext_u64(w, 0x2142); }
  static void ListContexts(uint64_t m, uint64_t neighbours, uint64_t refined, uint8_t* list) {
    constexpr uint64_t kEach = 0x0101010101010101;
    uint64_t before = _pext_u64(refined, m), beside = _pext_u64(neighbours, m) & ~before;
    for (int left = __builtin_popcountll(m); left > 0; left -= 8, list += 8) {
      const uint64_t contexts =
          14 * kEach + 2 * _pdep_u64(before, kEach) + _pdep_u64(beside, kEach);
      std::memcpy(list, &contexts, sizeof(contexts));
      before >>= 8, beside >>= 8;
    }
  }
  static uint64_t Scatter(const uint8_t* decided, uint64_t m) {
    constexpr uint64_t kEach = 0x0101010101010101;
    uint64_t bits = 0;
    const int count = __builtin_popcountll(m);
    for (int at = 0; at < count; at += 8) {
      uint64_t eight;
      std::memcpy(&eight, decided + at, sizeof(eight));
      bits |= _pext_u64(eight, kEach) << at;
    }
    return _pdep_u64(bits, m);
  }
};

}  // namespace iiifbench::jp2::t1::bmi2

#define T1_NAMESPACE bmi2
#define T1_ASSEMBLY 1
#include "kernels/codecs/jp2/t1/core-inl.h"

HWY_POP_ATTRIBUTES
#endif
