// Eight code-blocks in lockstep, one in each 64-bit lane of AVX-512, and two such eights in turns.
//
// Needs AVX512 F, BW, DQ, VL, CD, VBMI, VBMI2 and VPOPCNTDQ. Blocks of at most 64 columns and rows
// whose code string is one piece; others, and eights that would stay half empty, go to the scalar
// decoder. A decision is core-inl.h's in every lane; states of contexts are bytes of registers,
// looked up by permutations. Lanes wait for the one with most to do in a word, so blocks are sorted
// by class of tables, passes and bytes. Bound: 3 to 3.5 of 8 lanes have work at a time.
#if defined(__x86_64__)
#if !defined(__clang__)
// Of "undefined" vectors in immintrin.h of g++ 12, where they are meant.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include <algorithm>
#include <array>
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
HWY_PUSH_ATTRIBUTES(
    "avx,avx2,bmi,bmi2,lzcnt,popcnt,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512cd,avx512vbmi,"
    "avx512vbmi2,avx512vpopcntdq")

#define IIIFBENCH_T1_LANES
#include "kernels/codecs/jp2/t1/coders_avx512-inl.h"

namespace iiifbench::jp2::t1::avx512 {
namespace {

constexpr int kLanes = 8, kMostSide = 64;
constexpr int kStride = kMostSide / 8 + 1, kRows = kMostSide / 4 + 2, kWords = kStride * kRows + 4;
// Fewer blocks than this are faster one after the other.
constexpr size_t kWorthLanes = 6;

struct alignas(64) Eight {
  V significant[kWords], negative[kWords], visited[kWords], refined[kWords], core[kWords];
  V magnitude[kMostPlanes][kWords];  // from the top plane down
  V half[kWords], lowest[kWords];
  Coders coders;
  std::vector<uint8_t> bits, one;  // eight code strings; one while it is unstuffed
  V apart[13];                     // two eights must not lie a multiple of 4096 bytes apart
};
static_assert(sizeof(Eight) % 4096 > 512 && sizeof(Eight) % 4096 < 3584);

// Samples `n` that became significant, into the halos of the words around.
template <bool kCorners>
T1_INLINE void PushOne(V* f, V n) {
  const V column0 = All(kColumn), column9 = All(kColumn << 54);
  f[1] = OrAnd(f[1], Right<48>(n), column0);
  f[-1] = OrAnd(f[-1], Left<48>(n), column9);
  const V up = And(Left<4>(n), All(kRow5)), down = And(Right<4>(n), All(kRow0));
  V *above = f - kStride, *below = f + kStride;
  above[0] = Or(above[0], up), below[0] = Or(below[0], down);
  if (!kCorners) return;
  above[1] = OrAnd(above[1], Right<48>(up), column0);
  below[1] = OrAnd(below[1], Right<48>(down), column0);
  above[-1] = OrAnd(above[-1], Left<48>(up), column9);
  below[-1] = OrAnd(below[-1], Left<48>(down), column9);
}
T1_INLINE void Push(Eight& e, int w, V n, V negative) {
  PushOne<true>(e.significant + w, n);
  PushOne<false>(e.negative + w, And(n, negative));
}

// The word that an eight is at.
struct Cursor {
  V before, significant, negative, candidates, aux, seen, out;
  Mask busy;
};

struct Significance {
  static T1_INLINE void Begin(Eight& e, Coders&, Cursor& u, int w, V*, Mask live, bool) {
    const V s = e.significant[w], free = _mm512_maskz_andnot_epi64(live, s, e.core[w]);
    const V c = And(Dilated(s), free);
    u.busy = _mm512_test_epi64_mask(c, c);
    u.before = u.significant = s, u.negative = e.negative[w];
    u.candidates = u.seen = Right<7>(c), u.aux = Right<7>(free);
  }
  static T1_INLINE void Step(Coders& m, Cursor& u, const uint8_t* around) {
    const V s = PlaceOfLowest(u.candidates);
    V bit = Lowest(u.candidates);
    u.candidates = _mm512_xor_si512(u.candidates, bit);
    const V t = Compressed(_mm512_srlv_epi64(u.significant, s));
    const Mask hit = Decide<false, false>(m, LookUp(t, around), u.busy);
    const V later = And(_mm512_sllv_epi64(All(0xE2), s), u.aux);
    bit = Left<7>(bit);
    u.candidates = _mm512_mask_or_epi64(u.candidates, hit, u.candidates, later);
    u.seen = _mm512_mask_or_epi64(u.seen, hit, u.seen, later);
    u.significant = _mm512_mask_or_epi64(u.significant, hit, u.significant, bit);
    const V entry = LookUp(SignIndex(t, _mm512_srlv_epi64(u.negative, s)), kLaneTables.sign.data());
    const auto sign = static_cast<Mask>(Decide<false>(m, And(entry, All(0xDF)), hit) ^
                                        _mm512_test_epi64_mask(entry, All(0x20)));
    u.negative = _mm512_mask_or_epi64(u.negative, hit & sign, u.negative, bit);
    u.busy = _mm512_test_epi64_mask(u.candidates, u.candidates);
  }
  static T1_INLINE void End(Eight& e, Cursor& u, int w, V* magnitude, Mask live) {
    e.visited[w] = _mm512_mask_mov_epi64(e.visited[w], live, Left<7>(u.seen));
    const V n = _mm512_xor_si512(u.significant, u.before);
    magnitude[w] = n;
    if (_mm512_test_epi64_mask(n, n) == 0) return;
    e.significant[w] = u.significant, e.negative[w] = u.negative;
    Push(e, w, n, u.negative);
  }
};

struct Refinement {
  static T1_INLINE void Begin(Eight& e, Coders&, Cursor& u, int w, V* magnitude, Mask live, bool) {
    const V s = e.significant[w];
    const V c = _mm512_maskz_andnot_epi64(live, e.visited[w], And(s, e.core[w]));
    u.busy = _mm512_test_epi64_mask(c, c);
    u.candidates = c;
    const V sides = Or(Left<6>(s), Right<6>(s)), row = Or(sides, s);
    u.significant = Or3(sides, Left<1>(row), Right<1>(row));
    u.negative = e.refined[w];
    e.refined[w] = Or(u.negative, c);
    u.out = magnitude[w];
  }
  static T1_INLINE void Step(Coders& m, Cursor& u, const uint8_t*) {
    const V bit = Lowest(u.candidates);
    u.candidates = _mm512_xor_si512(u.candidates, bit);
    V code = _mm512_maskz_mov_epi64(_mm512_test_epi64_mask(u.significant, bit), All(1));
    code = _mm512_mask_mov_epi64(code, _mm512_test_epi64_mask(u.negative, bit), All(2));
    const Mask one = Decide<true>(m, code, u.busy);
    u.out = _mm512_mask_or_epi64(u.out, one, u.out, bit);
    u.busy = _mm512_test_epi64_mask(u.candidates, u.candidates);
  }
  static T1_INLINE void End(Eight&, Cursor& u, int w, V* magnitude, Mask) { magnitude[w] = u.out; }
};

struct Cleanup {
  static T1_INLINE void Begin(Eight& e, Coders& m, Cursor& u, int w, V* magnitude, Mask live,
                              bool first) {
    if (first) magnitude[w] = _mm512_setzero_si512();
    const V s = e.significant[w], core = e.core[w];
    V c = _mm512_maskz_andnot_epi64(live, Or(s, e.visited[w]), core);
    u.busy = _mm512_test_epi64_mask(c, c);
    u.before = u.significant = s, u.negative = e.negative[w];
    V z = Dilated(s);
    z = Or(z, Right<1>(z)), z = Or(z, Right<2>(z));
    V runs = And(_mm512_andnot_si512(z, All(kRow1)), And(And(core, Right<3>(core)), c));
    c = _mm512_andnot_si512(Or3(Left<1>(runs), Left<2>(runs), Left<3>(runs)), c);
    u.candidates = c = Right<7>(c), u.aux = runs = Right<7>(runs);
    // Lanes of nothing but run lengths, all zero and the state unmoved: at once.
    Mask all = _mm512_mask_cmpeq_epi64_mask(u.busy, c, runs);
    if (all == 0) return;
    const V state = _mm512_maskz_permutexvar_epi8(kByte0, Or(m.lane, All(6)), m.states1);
    const V row = And(state, All(0x3F));
    const V q = Or(_mm512_maskz_permutexvar_epi8(kByte0, row, m.qe0),
                   Left<8>(_mm512_maskz_permutexvar_epi8(kByte0, row, m.qe1)));
    const V sum = _mm512_mullo_epi64(q, _mm512_popcnt_epi64(c)), sums = Left<48>(sum);
    const V a = _mm512_sub_epi64(m.a, sums);
    all = static_cast<Mask>(all & _mm512_cmplt_epu64_mask(sum, All(0x8000)) &
                            _mm512_movepi64_mask(a) & _mm512_cmplt_epu64_mask(m.x, a) &
                            _mm512_cmple_epu64_mask(sums, m.a) &
                            _mm512_testn_epi64_mask(state, All(0x40)));
    m.a = _mm512_mask_mov_epi64(m.a, all, a);
    u.candidates = _mm512_mask_mov_epi64(c, all, _mm512_setzero_si512());
    u.busy = static_cast<Mask>(u.busy & ~all);
  }
  static T1_INLINE void Step(Coders& m, Cursor& u, const uint8_t* around) {
    V s = PlaceOfLowest(u.candidates), bit = Lowest(u.candidates);
    u.candidates = _mm512_xor_si512(u.candidates, bit);
    V t = Compressed(_mm512_srlv_epi64(u.significant, s));
    Mask runs = _mm512_test_epi64_mask(u.aux, bit);
    const Mask hit =
        Decide<false>(m, _mm512_mask_mov_epi64(LookUp(t, around), runs, All(kRunCode)), u.busy);
    if (hit != 0) {
      runs = static_cast<Mask>(runs & hit);
      if (__builtin_expect(runs != 0, 0)) {
        const Mask high = Decide<false>(m, All(kUniformCode), runs),
                   low = Decide<false>(m, All(kUniformCode), runs);
        const V rows =
            Or(_mm512_maskz_mov_epi64(high, All(2)), _mm512_maskz_mov_epi64(low, All(1)));
        const V rest = _mm512_sllv_epi64(And(_mm512_sllv_epi64(All(0xE), rows), All(0xF)), s);
        u.candidates = _mm512_mask_or_epi64(u.candidates, runs, u.candidates, rest);
        s = _mm512_mask_add_epi64(s, runs, s, rows), bit = _mm512_sllv_epi64(All(1), s);
        t = Compressed(_mm512_srlv_epi64(u.significant, s));
      }
      const V entry =
          LookUp(SignIndex(t, _mm512_srlv_epi64(u.negative, s)), kLaneTables.sign.data());
      const auto sign = static_cast<Mask>(Decide<false>(m, And(entry, All(0xDF)), hit) ^
                                          _mm512_test_epi64_mask(entry, All(0x20)));
      bit = Left<7>(bit);
      u.negative = _mm512_mask_or_epi64(u.negative, hit & sign, u.negative, bit);
      u.significant = _mm512_mask_or_epi64(u.significant, hit, u.significant, bit);
      const V ended = _mm512_maskz_and_epi64(hit, u.aux, _mm512_sllv_epi64(All(0x7E), s));
      u.aux = _mm512_xor_si512(u.aux, ended);
      u.candidates = Or(u.candidates, Or3(Left<1>(ended), Left<2>(ended), Left<3>(ended)));
    }
    u.busy = _mm512_test_epi64_mask(u.candidates, u.candidates);
  }
  static T1_INLINE void End(Eight& e, Cursor& u, int w, V* magnitude, Mask) {
    const V n = _mm512_xor_si512(u.significant, u.before);
    if (_mm512_test_epi64_mask(n, n) == 0) return;
    e.significant[w] = u.significant, e.negative[w] = u.negative;
    magnitude[w] = Or(magnitude[w], n);
    Push(e, w, n, u.negative);
  }
};

// Up to eight blocks of one class of tables, and how far they are.
struct Group {
  const CodeBlock* const* blocks = nullptr;
  size_t count = 0;
  const uint8_t* around = nullptr;
  Mask live = 0, symbols = 0;
  std::array<int, kLanes> last_pass{};
};

template <class Kind>
__attribute__((noinline)) void RunOne(Eight& e, Group& g, int words, int plane, bool first) {
  Coders m = e.coders;
  Cursor u;
  V* const magnitude = e.magnitude[plane];
  for (int w = kStride + 1; w < words; ++w) {
    Kind::Begin(e, m, u, w, magnitude, g.live, first);
    while (u.busy != 0) Kind::Step(m, u, g.around);
    Kind::End(e, u, w, magnitude, g.live);
  }
  e.coders = m;
}
// Where one has no more work in this word, its steps do nothing.
template <class Kind>
__attribute__((noinline)) void RunTwo(Eight* e, Group* g, int words, int plane, bool first) {
  Coders m = e[0].coders, n = e[1].coders;
  Cursor u, v;
  V *const mine = e[0].magnitude[plane], *const other = e[1].magnitude[plane];
  const uint8_t *const around = g[0].around, *const other_around = g[1].around;
  for (int w = kStride + 1; w < words; ++w) {
    Kind::Begin(e[0], m, u, w, mine, g[0].live, first);
    Kind::Begin(e[1], n, v, w, other, g[1].live, first);
    while ((u.busy | v.busy) != 0) {
      Kind::Step(m, u, around);
      Kind::Step(n, v, other_around);
    }
    Kind::End(e[0], u, w, mine, g[0].live);
    Kind::End(e[1], v, w, other, g[1].live);
  }
  e[0].coders = m, e[1].coders = n;
}
template <class Kind>
void RunPass(Eight* e, Group* g, size_t groups, int words, int plane, bool first) {
  if (groups == 2) {
    RunTwo<Kind>(e, g, words, plane, first);
  } else {
    RunOne<Kind>(e[0], g[0], words, plane, first);
  }
}

int ClassOf(const CodeBlock& b) { return b.band == 1 ? 1 : b.band == 3 ? 2 : 0; }

bool Open(Eight& e, Group& g, int words) {
  const size_t all = sizeof(V) * static_cast<size_t>(words + kStride + 1);
  for (V* field : {e.significant, e.negative, e.visited, e.refined, e.core})
    std::memset(static_cast<void*>(field), 0, all);
  size_t longest = 0;
  for (size_t k = 0; k < g.count; ++k)
    longest = std::max<size_t>(longest, g.blocks[k]->segments[0].bytes);
  const size_t region = (longest + 160) / 64 * 64 + 128;
  if (e.bits.size() < kLanes * region) e.bits.resize(kLanes * region);
  alignas(64) uint64_t x[kLanes] = {}, more[kLanes] = {}, at[kLanes] = {}, end[kLanes] = {};
  bool possible = true;
  for (size_t k = 0; k < g.count; ++k) {
    const CodeBlock& b = *g.blocks[k];
    const int columns = (b.width + 7) / 8;
    for (int s = 0; s < (b.height + 3) / 4; ++s) {
      for (int c = 0; c < columns; ++c) {
        const uint64_t core = CoreBits(std::min(8, b.width - 8 * c), std::min(4, b.height - 4 * s));
        std::memcpy(reinterpret_cast<uint8_t*>(&e.core[(s + 1) * kStride + 1 + c]) + 8 * k, &core,
                    8);
      }
    }
    const CodeString string = Unstuff({b.data, b.segments[0].bytes}, false, e.one);
    possible = possible && string.possible;
    uint8_t* const bits = e.bits.data() + k * region;
    std::memcpy(bits, e.one.data(), string.bytes + 40);
    uint64_t v;
    std::memcpy(&v, bits, sizeof(v));
    x[k] = __builtin_bswap64(v) >> 1;
    std::memcpy(&v, bits + 7, sizeof(v));
    more[k] = __builtin_bswap64(v) << 7;
    at[k] = k * region + 15, end[k] = k * region + string.bytes;
    if ((b.style & kSegmentationSymbols) != 0) g.symbols = static_cast<Mask>(g.symbols | 1u << k);
  }
  Coders& m = e.coders;
  m.a = All(uint64_t{1} << 63), m.x = Load(x), m.more = Load(more);
  m.at = _mm512_min_epu64(Load(at), Load(end)), m.end = Load(end);
  m.valid = All(57 - 30);
  m.base = e.bits.data();
  m.qe0 = Load(kLaneTables.qe.data()), m.qe1 = Load(kLaneTables.qe.data() + 64);
  m.next0 = Load(kLaneTables.next.data()), m.next1 = Load(kLaneTables.next.data() + 64);
  alignas(64) uint8_t iota[64];
  for (size_t i = 0; i < 64; ++i) iota[i] = static_cast<uint8_t>(i);
  m.iota0 = Load(iota), m.iota1 = Or(m.iota0, _mm512_set1_epi8(64));
  m.lane = _mm512_set_epi64(56, 48, 40, 32, 24, 16, 8, 0);
  m.states0 = All(kFirstRowSignificance);
  m.states1 = All(uint64_t{kFirstRowRunLength} << 48 | uint64_t{kFirstRowUniform} << 56);
  m.states2 = All(0);
  g.around =
      kLaneTables.around[static_cast<size_t>(g.count > 0 ? ClassOf(*g.blocks[0]) : 0)].data();
  return possible;
}

void Close(Eight& e, const Group& g) {
  const int words = kRows * kStride;
  for (size_t k = 0; k < g.count; ++k) {
    const CodeBlock& b = *g.blocks[k];
    const int last = (g.last_pass[k] + 2) / 3;  // plane, counted from the top
    const bool significance = g.last_pass[k] % 3 == 1;
    const int end = ((b.height + 3) / 4 + 1) * kStride;
    const auto lane = [k](V* field) { return reinterpret_cast<uint64_t*>(field) + k; };
    const uint64_t *sig = lane(e.significant), *vis = lane(e.visited),
                   *mag = lane(e.magnitude[last]);
    uint64_t *half = lane(e.half), *lowest = lane(e.lowest);
    for (int w = kLanes * (kStride + 1); w < kLanes * std::min(end, words); w += kLanes) {
      const uint64_t known = significance ? vis[w] : ~uint64_t{0};
      half[w] = sig[w] & known;
      lowest[w] = mag[w] | (sig[w] & ~known);
    }
    BitPlanes bits{.count = last + 2,
                   .shift = b.planes - 1 - last,
                   .negative = lane(e.negative),
                   .first = kStride + 1,
                   .stripe = kStride,
                   .lane = kLanes};
    bits.planes[0] = half, bits.planes[1] = lowest;
    for (int p = 2; p < bits.count; ++p)
      bits.planes[static_cast<size_t>(p)] = lane(e.magnitude[last - p + 1]);
    ExpandBlock(bits, b);
  }
}

// One or two groups.
bool DecodeGroups(Eight* e, Group* g, size_t groups) {
  int height = 0, passes = 0;
  for (size_t i = 0; i < groups; ++i) {
    for (size_t k = 0; k < g[i].count; ++k) {
      height = std::max(height, g[i].blocks[k]->height);
      passes = std::max(passes, g[i].blocks[k]->passes);
    }
  }
  const int words = ((height + 3) / 4 + 1) * kStride;
  bool possible = true;
  for (size_t i = 0; i < groups; ++i) possible &= Open(e[i], g[i], words);
  for (int pass = 0; pass < passes; ++pass) {
    for (size_t i = 0; i < groups; ++i) {
      g[i].live = 0;
      for (size_t k = 0; k < g[i].count; ++k) {
        if (g[i].blocks[k]->passes <= pass) continue;
        g[i].live = static_cast<Mask>(g[i].live | 1u << k);
        g[i].last_pass[k] = pass;
      }
    }
    const int plane = (pass + 2) / 3;
    switch (pass % 3) {
      case 1:
        RunPass<Significance>(e, g, groups, words, plane, false);
        break;
      case 2:
        RunPass<Refinement>(e, g, groups, words, plane, false);
        break;
      default:
        RunPass<Cleanup>(e, g, groups, words, plane, pass == 0);
        for (size_t i = 0; i < groups; ++i)
          if (const auto symbols = static_cast<Mask>(g[i].live & g[i].symbols); symbols != 0)
            for (int s = 0; s < 4; ++s) Decide<false>(e[i].coders, All(kUniformCode), symbols);
    }
  }
  for (size_t i = 0; i < groups; ++i) Close(e[i], g[i]);
  return possible;
}

bool FitsLanes(const CodeBlock& b) {
  return b.width <= kMostSide && b.height <= kMostSide && b.segments.size() == 1 &&
         (b.style & ~(kPredictableTermination | kSegmentationSymbols)) == 0;
}

struct State {
  Eight eights[2];
};
struct FreeState {
  void operator()(State* s) const { delete s; }
};

}  // namespace

bool DecodeInLanes(std::span<const CodeBlock> blocks) {
  thread_local std::unique_ptr<State, FreeState> state;
  thread_local std::vector<const CodeBlock*> sorted;
  thread_local std::vector<CodeBlock> others;
  thread_local std::vector<Group> groups;
  if (state == nullptr) state.reset(new State);
  sorted.clear(), others.clear(), groups.clear();
  for (const CodeBlock& b : blocks) {
    if (FitsLanes(b)) {
      sorted.push_back(&b);
    } else {
      others.push_back(b);
    }
  }
  std::sort(sorted.begin(), sorted.end(), [](const CodeBlock* a, const CodeBlock* b) {
    const int x = ClassOf(*a), y = ClassOf(*b);
    if (x != y) return x < y;
    if (a->passes != b->passes) return a->passes > b->passes;
    return a->segments[0].bytes > b->segments[0].bytes;
  });
  for (size_t from = 0, to = 0; from < sorted.size(); from = to) {
    to = from + 1;
    while (to < sorted.size() && to < from + kLanes &&
           ClassOf(*sorted[to]) == ClassOf(*sorted[from]))
      ++to;
    if (to - from < kWorthLanes) {
      for (size_t i = from; i < to; ++i) others.push_back(*sorted[i]);
    } else {
      Group& g = groups.emplace_back();
      g.blocks = &sorted[from], g.count = to - from;
    }
  }
  // Pairs of like length.
  std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return a.blocks[0]->passes > b.blocks[0]->passes;
  });
  bool possible = true;
  for (size_t i = 0; i < groups.size(); i += 2)
    possible &= DecodeGroups(state->eights, &groups[i], std::min<size_t>(2, groups.size() - i));
  if (!others.empty()) possible &= bmi2::DecodeInTurns(others);
  return possible;
}

}  // namespace iiifbench::jp2::t1::avx512

HWY_POP_ATTRIBUTES
#endif
