// jp2/t1/coders_avx512-inl: eight MQ decoders, one in each 64-bit lane, and the look-ups of
// contexts.
//
// Standard: ITU-T T.800 C.3, tables C.2, D.1 to D.3. Included by lanes_avx512.cc only, behind its
// target pragma.
#if !defined(IIIFBENCH_T1_LANES)
#error "included by lanes_avx512.cc only"
#endif

namespace iiifbench::jp2::t1::avx512 {
namespace {

using V = __m512i;
using Mask = __mmask8;
#define T1_INLINE inline __attribute__((always_inline))

// Contexts here: 0 to 8 significance, 9 to 13 sign, 14 run length, 15 uniform; refinement apart, 0
// to 2. The code of a context is where its byte lies: (context & 7) | (context & 8) << 3.
constexpr uint8_t CodeOf(int context) {
  return static_cast<uint8_t>((context & 7) | (context & 8) << 3);
}
constexpr uint8_t kRunCode = CodeOf(14), kUniformCode = CodeOf(15);

// A state is row | more probable symbol << 6.
struct alignas(64) LaneTables {
  std::array<uint8_t, 128> qe{}, next{};  // low bytes, high bytes; row | less probable << 6
  std::array<std::array<uint8_t, 256>, 3> around{};
  std::array<uint8_t, 256> sign{};  // code | flip << 5
  constexpr LaneTables() {
    for (size_t r = 0; r < kMqRows; ++r) {
      qe[r] = static_cast<uint8_t>(kMq[r].qe & 255),
      qe[64 + r] = static_cast<uint8_t>(kMq[r].qe >> 8);
      next[r] = kMq[r].next_mps;
      next[64 + r] = static_cast<uint8_t>(kMq[r].next_lps | kMq[r].exchange << 6);
    }
    // The neighbourhood as Compressed gives it: left column 0 to 2, right 3 to 5, up 6, down 7.
    for (int group = 0; group < 3; ++group) {
      for (int k = 0; k < 256; ++k) {
        const auto bit = [k](int i) { return k >> i & 1; };
        around[static_cast<size_t>(group)][static_cast<size_t>(k)] =
            CodeOf(SignificanceContext(group == 2 ? 3 : group, bit(1) + bit(4), bit(6) + bit(7),
                                       bit(0) + bit(2) + bit(3) + bit(5)));
      }
    }
    // As SignIndex gives it: significant 1 left, 4 right, 6 up, 7 down; negative 0, 2, 5, 3.
    for (int k = 0; k < 256; ++k) {
      const auto value = [k](int significant, int negative) {
        return (k >> significant & 1) == 0 ? 0 : (k >> negative & 1) == 0 ? 1 : -1;
      };
      const auto clip = [](int v) { return v > 1 ? 1 : v < -1 ? -1 : v; };
      const SignContext s =
          ContextOfSign(clip(value(1, 0) + value(4, 2)), clip(value(6, 5) + value(7, 3)));
      sign[static_cast<size_t>(k)] = static_cast<uint8_t>(CodeOf(s.context) | s.flip << 5);
    }
  }
};
constexpr LaneTables kLaneTables;

// The MQ decoders of eight lanes. x holds 64 valid bits and `more` the next ones, `valid` of them
// less 30, so that two decisions, of 15 bits each, may pass between two looks.
struct Coders {
  V a, x, more, valid, at, end, states0, states1, states2;
  const uint8_t* base;
  V qe0, qe1, next0, next1, iota0, iota1, lane;
};

T1_INLINE V Load(const void* p) { return _mm512_load_si512(p); }
T1_INLINE V All(uint64_t v) { return _mm512_set1_epi64(static_cast<int64_t>(v)); }
T1_INLINE V Or(V a, V b) { return _mm512_or_si512(a, b); }
T1_INLINE V And(V a, V b) { return _mm512_and_si512(a, b); }
T1_INLINE V Or3(V a, V b, V c) { return _mm512_ternarylogic_epi64(a, b, c, 0xFE); }
T1_INLINE V OrAnd(V a, V b, V c) { return _mm512_ternarylogic_epi64(a, b, c, 0xF8); }
template <int kBits>
T1_INLINE V Left(V a) {
  return _mm512_slli_epi64(a, kBits);
}
template <int kBits>
T1_INLINE V Right(V a) {
  return _mm512_srli_epi64(a, kBits);
}
// Byte 0 of each lane in all bytes of it.
T1_INLINE V Spread(V v) {
  constexpr int64_t kUpper = 0x0808080808080808;
  return _mm512_shuffle_epi8(v, _mm512_set_epi64(kUpper, 0, kUpper, 0, kUpper, 0, kUpper, 0));
}
constexpr uint64_t kByte0 = 0x0101010101010101, kBytes67 = 0xC0C0C0C0C0C0C0C0;

T1_INLINE void Refill(Coders& m) {
  const Mask low = _mm512_cmplt_epi64_mask(m.valid, All(18));
  V v = _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), low, m.at, m.base, 1);
  v = _mm512_shuffle_epi8(v, _mm512_broadcast_i32x4(_mm_set_epi8(8, 9, 10, 11, 12, 13, 14, 15, 0, 1,
                                                                 2, 3, 4, 5, 6, 7)));
  m.more = _mm512_mask_or_epi64(m.more, low, m.more,
                                _mm512_srlv_epi64(v, _mm512_add_epi64(m.valid, All(30))));
  const V bytes = Right<3>(_mm512_sub_epi64(All(34), m.valid));
  m.at = _mm512_mask_mov_epi64(m.at, low, _mm512_min_epu64(_mm512_add_epi64(m.at, bytes), m.end));
  m.valid = _mm512_mask_add_epi64(m.valid, low, m.valid, Left<3>(bytes));
}
T1_INLINE void Look(Coders& m) {
  if (__builtin_expect(_mm512_movepi64_mask(m.valid) != 0, 0)) Refill(m);
}

// One decision in the lanes of `active`; codes of contexts in byte 0.
template <bool kRefining, bool kLook = true>
T1_INLINE Mask Decide(Coders& m, V code, Mask active) {
  const V index = Or(code, m.lane);
  const V state = kRefining ? _mm512_maskz_permutexvar_epi8(kByte0, index, m.states2)
                            : _mm512_maskz_permutex2var_epi8(kByte0, m.states0, index, m.states1);
  V q = OrAnd(All(0x4000000000000000), Spread(state), All(0x3F3F000000000000));
  q = _mm512_maskz_permutex2var_epi8(kBytes67, m.qe0, q, m.qe1);
  q = _mm512_maskz_mov_epi64(active, q);
  V a = _mm512_sub_epi64(m.a, q);
  const Mask exchanged = _mm512_cmplt_epu64_mask(a, q), lower = _mm512_cmpge_epu64_mask(m.x, a);
  const V x = _mm512_mask_sub_epi64(m.x, lower, m.x, a);
  a = _mm512_mask_mov_epi64(a, lower, q);
  const auto less = static_cast<Mask>(exchanged ^ lower);
  const V shift = _mm512_lzcnt_epi64(a);
  m.x = _mm512_shldv_epi64(x, m.more, shift);
  m.more = _mm512_sllv_epi64(m.more, shift);
  m.a = _mm512_sllv_epi64(a, shift);
  m.valid = _mm512_sub_epi64(m.valid, shift);
  const Mask moves = _mm512_test_epi64_mask(shift, shift);
  V to = And(state, All(0x3F));
  to = _mm512_mask_or_epi64(to, less, to, All(0x40));
  to = _mm512_permutex2var_epi8(m.next0, to, m.next1);
  to = _mm512_ternarylogic_epi64(to, state, All(0x40), 0x78);  // to ^ (state & 40)
  const V where = _mm512_mask_mov_epi64(All(~uint64_t{0}), moves, Spread(index));
  const V with = Spread(to);
  if (kRefining) {
    m.states2 = _mm512_mask_mov_epi8(m.states2, _mm512_cmpeq_epi8_mask(where, m.iota0), with);
  } else {
    m.states0 = _mm512_mask_mov_epi8(m.states0, _mm512_cmpeq_epi8_mask(where, m.iota0), with);
    m.states1 = _mm512_mask_mov_epi8(m.states1, _mm512_cmpeq_epi8_mask(where, m.iota1), with);
  }
  if (kLook) Look(m);
  return static_cast<Mask>((less ^ _mm512_test_epi64_mask(state, All(0x40))) & active);
}

// table[byte 0], in byte 0.
T1_INLINE V LookUp(V i, const uint8_t* table) {
  const V low = _mm512_permutex2var_epi8(Load(table), i, Load(table + 64));
  const V high = _mm512_permutex2var_epi8(Load(table + 128), i, Load(table + 192));
  return _mm512_mask_mov_epi8(low, _mm512_movepi8_mask(i), high);
}
// Neighbours: bits 0-2, 6, 8, 12-14 to 0-2, 6, 7, 3-5.
T1_INLINE V Compressed(V w) {
  V t = And(w, All(0x47));
  t = OrAnd(t, Right<1>(w), All(0x80));
  return OrAnd(t, Right<9>(w), All(0x38));
}
T1_INLINE V SignIndex(V compressed, V negative) {
  V r = And(compressed, All(0xD2));
  r = OrAnd(r, Right<1>(negative), All(0x21));
  r = OrAnd(r, Right<5>(negative), All(8));
  return OrAnd(r, Right<11>(negative), All(4));
}
T1_INLINE V Lowest(V c) { return _mm512_andnot_si512(_mm512_add_epi64(c, All(~uint64_t{0})), c); }
T1_INLINE V PlaceOfLowest(V c) {
  return _mm512_popcnt_epi64(_mm512_andnot_si512(c, _mm512_add_epi64(c, All(~uint64_t{0}))));
}
T1_INLINE V Dilated(V s) {
  const V h = Or3(s, Left<6>(s), Right<6>(s));
  return Or3(h, Left<1>(h), Right<1>(h));
}

}  // namespace
}  // namespace iiifbench::jp2::t1::avx512
