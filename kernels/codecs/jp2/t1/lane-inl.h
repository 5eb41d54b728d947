// jp2/t1/lane-inl: the state of one code-block being decoded, and one decision of it.
//
// Standard: ITU-T T.800 C.3 (MQ decoder), D.6 (raw bits). Included by core-inl.h only, which says
// why it is so.
#ifndef T1_NAMESPACE
#error "define T1_NAMESPACE before this header"
#endif

namespace iiifbench::jp2::t1 {
namespace T1_NAMESPACE {

#define T1_INLINE inline __attribute__((always_inline))

inline constexpr int kWords = 528;  // most: 2 x 258 and a few, for 4 x 1024
// Of the word shifted so that the upper left neighbour is bit 0: all neighbours; those at the
// sides.
inline constexpr uint64_t kAround = 0x7147, kSides = 0x2142;
// The neighbours that come later in the scan, from a sample shifted likewise.
inline constexpr uint64_t kLater = 0xE2;
inline constexpr uint32_t kNothing = 19;  // the context that changes nothing
inline constexpr uint32_t kNothingState = 94;

// A state as a context holds it: Qe | index << 16, index = 2 * row + more probable symbol.
constexpr uint32_t StateOf(uint32_t index) {
  return (index < 2 * kMqRows ? kMq[index / 2].qe : 0u) | index << 16;
}
struct Tables {
  std::array<uint32_t, 2 * 96> next{};               // [2 * index + less probable]
  std::array<std::array<uint8_t, 256>, 4> around{};  // by band: significance context
  std::array<uint8_t, 256> sign{};                   // context | flip << 7
  constexpr Tables() {
    for (uint32_t index = 0; index < 2 * kMqRows; ++index) {
      const MqRow& row = kMq[index / 2];
      next[2 * index] = StateOf(2u * row.next_mps + index % 2);
      next[2 * index + 1] = StateOf(2u * row.next_lps + (index % 2 ^ row.exchange));
    }
    next[2 * kNothingState] = next[2 * kNothingState + 1] = StateOf(kNothingState);
    for (int band = 0; band < 4; ++band) {
      for (int k = 0; k < 256; ++k) {
        const auto bit = [k](int i) { return k >> i & 1; };
        around[static_cast<size_t>(band)][static_cast<size_t>(k)] =
            static_cast<uint8_t>(SignificanceContext(band, bit(1) + bit(6), bit(3) + bit(4),
                                                     bit(0) + bit(2) + bit(5) + bit(7)));
      }
    }
    for (int k = 0; k < 256; ++k) {  // left, up, down, right: significant; the same: negative
      const auto value = [k](int i) {
        return (k >> i & 1) == 0 ? 0 : (k >> (4 + i) & 1) == 0 ? 1 : -1;
      };
      const auto clip = [](int v) { return v > 1 ? 1 : v < -1 ? -1 : v; };
      const SignContext s = ContextOfSign(clip(value(0) + value(3)), clip(value(1) + value(2)));
      sign[static_cast<size_t>(k)] = static_cast<uint8_t>(s.context | s.flip << 7);
    }
  }
};
inline constexpr Tables kTables;

enum Pass {
  kSignificance = 0,
  kRefinement = 1,
  kCleanup = 2,
  kRawSignificance = 3,
  kRawRefinement = 4
};

struct Word {
  uint64_t significant, negative, visited, refined, core;
};

// What the loops keep in registers.
struct Hot {
  uint64_t a, x, significant, candidates;
};

struct Lane {
  Hot hot;
  int64_t valid;                 // bits of x, less 16
  const uint8_t *next, *end;     // of the unstuffed code string
  uint64_t negative, aux, seen;  // of the word being decoded; the last two shifted as candidates
  int64_t word;
  uint32_t at, count;  // of the refinement list
  alignas(64) uint32_t contexts[32];
  alignas(64) uint8_t around[256];
  int type, pass, plane, columns, stride, words;
  size_t segment;
  int segment_left;  // passes
  const uint8_t* segment_data;
  bool causal, possible;
  uint64_t* magnitude;  // of this plane
  const CodeBlock* block;
  alignas(64) Word w[kWords];
  alignas(64) uint8_t list[kMostBlockArea + 64], decided[kMostBlockArea + 64];
  alignas(64) uint64_t magnitudes[kMostPlanes][kWords];
  alignas(64) uint64_t half[kWords], lowest[kWords], signs[kWords];
  std::vector<uint8_t> bits;
  // Lanes must not lie a multiple of 4096 bytes apart: loads of one would wait for stores of the
  // other.
  alignas(64) uint8_t apart[1088];
};
static_assert(sizeof(Lane) % 4096 > 512 && sizeof(Lane) % 4096 < 3584);

T1_INLINE uint64_t EightBytes(const uint8_t* from) {
  uint64_t v;
  std::memcpy(&v, from, sizeof(v));
  return std::endian::native == std::endian::little ? __builtin_bswap64(v) : v;
}

T1_INLINE void Refill(Lane& d, Hot& h) {
  h.x |= EightBytes(d.next) >> (d.valid + 16);
  const auto bytes = (48 - d.valid) >> 3;
  d.next = std::min(d.next + bytes, d.end);  // behind the end the same bits stand for ever
  d.valid += 8 * bytes;
}

// One decision of the MQ decoder (T.800 C.3.2): 0 or 1.
T1_INLINE uint64_t Decide(Lane& d, Hot& h, uint64_t context) {
  uint32_t* const at = d.contexts + context;
  uint64_t a = h.a, x = h.x;
#if T1_ASSEMBLY
  uint16_t halves[2];
  std::memcpy(halves, at, sizeof(halves));
  const uint64_t q = uint64_t{halves[0]} << 48, index = halves[1];
  const uint32_t* const row = kTables.next.data() + 2 * index;
  const uint32_t more = row[0];
  uint32_t less = row[1];
  uint64_t t, u, k;
  uint8_t v;
  bool low;
  // LZCNT sets the zero flag where nothing is shifted: then the state stays.
  asm("sub %[q], %[a]\n\t"
      "cmp %[q], %[a]\n\t"
      "setb %[v]\n\t"
      "mov %[x], %[t]\n\t"
      "xor %k[u], %k[u]\n\t"
      "sub %[a], %[t]\n\t"
      "cmovae %[t], %[x]\n\t"
      "cmovae %[q], %[a]\n\t"
      "setae %b[u]\n\t"
      "xor %[v], %b[u]\n\t"
      "cmovz %[more], %[less]\n\t"
      "lzcnt %[a], %[k]\n\t"
      "cmovz %[at], %[less]\n\t"
      "shlx %[k], %[x], %[x]\n\t"
      "shlx %[k], %[a], %[a]"
      : [a] "+&r"(a), [x] "+&r"(x), [t] "=&r"(t), [u] "=&q"(u), [v] "=&q"(v), [less] "+&r"(less),
        [k] "=&r"(k)
      : [q] "r"(q), [more] "r"(more), [at] "m"(*at)
      : "cc");
  *at = less;
  h.x = x, h.a = a;
  asm("sub %[k], %[valid]" : [valid] "+m"(d.valid), "=@ccs"(low) : [k] "r"(k) : "cc");
  if (__builtin_expect(low, 0)) Refill(d, h);
  return (index ^ u) & 1;
#else
  const uint32_t state = *at;
  const uint64_t q = static_cast<uint64_t>(state & 0xFFFF) << 48, index = state >> 16;
  a -= q;
  // Masks, since compilers make branches of conditions.
  const uint64_t lower = 0 - static_cast<uint64_t>(x >= a),
                 exchanged = static_cast<uint64_t>(a < q);
  x -= a & lower;
  a = (a & ~lower) | (q & lower);
  const uint64_t less = (lower & 1) ^ exchanged;
  const int k = std::countl_zero(a);
  h.x = x << k, h.a = a << k;
  const uint32_t moved = kTables.next[2 * index + less];
  const uint32_t stays = 0u - static_cast<uint32_t>(k == 0);
  *at = (moved & ~stays) | (state & stays);
  d.valid -= k;
  if (__builtin_expect(d.valid < 0, 0)) Refill(d, h);
  return (index ^ less) & 1;
#endif
}

T1_INLINE uint64_t RawBit(Lane& d, Hot& h) {
  const uint64_t bit = h.x >> 63;
  h.x <<= 1;
  if (--d.valid < 0) Refill(d, h);
  return bit;
}

}  // namespace T1_NAMESPACE
}  // namespace iiifbench::jp2::t1
