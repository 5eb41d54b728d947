// jp2/t1/core-inl: the scalar decoder of code-blocks, two of them in one loop.
//
// Standard: ITU-T T.800 annex C (MQ decoder) and D (passes). Included by core_portable.cc and
// core_bmi2.cc, each of which defines T1_NAMESPACE and, in it, a Machine (bit gathering, and
// whether the MQ decision is assembly).
//
// Why it is fast.
// - In a word of 8 columns (word.h) ascending bits are the order of the scan, the next candidate is
//   a count of zeros, its eight neighbours are in the word, and the context one gather and one
//   load. New significant samples go into the halos of other words at the word's end.
// - A decision has no branch: 29 % of those of a lossless file are the less probable symbol, which
//   no predictor foresees. The interval A and X = A - C - (all bits below) stand at the top of 64
//   bits: A -= Qe; the lower part if X >= A; exchanged if A < Qe.
// - The code string is unstuffed ahead (carries included), inverted, zeros behind, so that 64 bits
//   are refilled about every 48, and reading never goes past the end.
// - A sign is decoded whether the sample became significant or not; if not, by a context of
//   probability 0, which changes nothing.
// - Two blocks alternate, since a decision waits for the one before it.
// Memory: 160 KB a lane, kept by the caller. Nothing here trusts more than IsSound.
#ifndef T1_NAMESPACE
#error "define T1_NAMESPACE before this header"
#endif

#include "kernels/codecs/jp2/t1/lane-inl.h"

namespace iiifbench::jp2::t1 {
namespace T1_NAMESPACE {

// `n`, samples of *w that became significant, into the halos around it.
T1_INLINE void Push(Word* w, ptrdiff_t stride, uint64_t n, uint64_t negative, bool causal) {
  w[1].significant |= n >> 48 & kColumn;
  w[-1].significant |= (n >> 6 & kColumn) << 54;
  const uint64_t up = (n & kRow1) << 4, down = (n & kRow4) >> 4;
  Word* const below = w + stride;
  below->significant |= down;
  below[1].significant |= down >> 48 & kColumn;
  below[-1].significant |= (down >> 6 & kColumn) << 54;
  Word* const above = w - stride;
  if (!causal) {  // else the stripe above must not see this one (T.800 D.7)
    above->significant |= up;
    above[1].significant |= up >> 48 & kColumn;
    above[-1].significant |= (up >> 6 & kColumn) << 54;
  }
  negative &= n;
  if (negative != 0) {
    w[1].negative |= negative >> 48 & kColumn;
    w[-1].negative |= (negative >> 6 & kColumn) << 54;
    below->negative |= (negative & kRow4) >> 4;
    if (!causal) above->negative |= (negative & kRow1) << 4;
  }
}

T1_INLINE uint64_t Dilated(uint64_t s) {
  const uint64_t h = s | s << 6 | s >> 6;
  return h | h << 1 | h >> 1;
}

// To the next word that has work; false at the end of the pass.
template <int kPass>
T1_INLINE bool Advance(Lane& d, Hot& h) {
  constexpr bool kCleaning = kPass == kCleanup;
  int64_t i = d.word;
  if (i >= 0) {
    Word& w = d.w[i];
    const uint64_t n = h.significant ^ w.significant;
    if (!kCleaning) w.visited = d.seen << 7;
    if (n != 0) {
      w.significant = h.significant, w.negative = d.negative;
      d.magnitude[i] |= n;
      Push(&w, d.stride, n, d.negative, d.causal);
    }
  }
  const int64_t end = d.words;
  for (;;) {
    if (++i >= end) return false;
    Word& w = d.w[i];
    if (!kCleaning) {
      const uint64_t free = w.core & ~w.significant, c = Dilated(w.significant) & free;
      if (c == 0) {
        w.visited = 0;
        continue;
      }
      h.candidates = d.seen = c >> 7;
      d.aux = free >> 7;
    } else {
      uint64_t c = w.core & ~w.significant & ~w.visited;
      if (c == 0) continue;
      // Columns of four samples none of which has a significant neighbour: run lengths.
      uint64_t z = Dilated(w.significant);
      z |= z >> 1, z |= z >> 2;
      const uint64_t runs = ~z & w.core & w.core >> 3 & kRow1;
      c &= ~(runs << 1 | runs << 2 | runs << 3);
      if (c == runs) {
        // Nothing but run lengths, all zero and the state unmoved: at once.
        const uint32_t state = d.contexts[kRunLength];
        const uint64_t all =
            static_cast<uint64_t>(state & 0xFFFF) * static_cast<uint64_t>(std::popcount(runs));
        const uint64_t a = h.a - (all << 48);
        if ((state >> 16 & 1) == 0 && all < 0x8000 && h.a >= all << 48 && a >> 63 != 0 && h.x < a) {
          h.a = a;
          continue;
        }
      }
      h.candidates = c >> 7;
      d.aux = runs >> 7;
    }
    h.significant = w.significant;
    d.negative = w.negative;
    d.word = i;
    return true;
  }
}

T1_INLINE uint32_t SignEntry(const Lane& d, uint64_t around, uint64_t s) {
  return kTables.sign[Machine::Gather4(around) | Machine::Gather4(d.negative >> s) << 4];
}

template <bool kRaw>
T1_INLINE void StepSignificance(Lane& d, Hot& h) {
  const auto s = static_cast<uint64_t>(std::countr_zero(h.candidates));
  const uint64_t around = h.significant >> s;
  h.candidates &= h.candidates - 1;
  uint64_t bit, sign;
  if (kRaw) {
    bit = RawBit(d, h);
    sign = bit != 0 ? RawBit(d, h) : 0;
  } else {
    bit = Decide(d, h, d.around[Machine::Gather8(around)]);
    uint32_t entry = SignEntry(d, around, s);
#if T1_ASSEMBLY
    asm("test %[bit], %[bit]\n\tcmovz %[nothing], %[entry]"
        : [entry] "+r"(entry)
        : [bit] "r"(bit), [nothing] "r"(kNothing)
        : "cc");
#else
    const uint32_t keep = 0u - static_cast<uint32_t>(bit);
    entry = (entry & keep) | (kNothing & ~keep);
#endif
    sign = Decide(d, h, entry & 31) ^ entry >> 7;
  }
  const uint64_t later = ((0 - bit) & kLater) << s & d.aux;
  h.candidates |= later;
  d.seen |= later;
  h.significant |= (bit << 7) << s;
  d.negative |= (sign << 7) << s;
}

T1_INLINE void StepCleanup(Lane& d, Hot& h) {
  auto s = static_cast<uint64_t>(std::countr_zero(h.candidates));
  const uint64_t around = h.significant >> s;
  uint64_t context = d.around[Machine::Gather8(around)];
#if T1_ASSEMBLY
  asm("bt %[s], %[runs]\n\tcmovc %[run], %[context]"
      : [context] "+r"(context)
      : [s] "r"(s), [runs] "r"(d.aux), [run] "r"(uint64_t{kRunLength})
      : "cc");
#else
  const uint64_t run = 0 - (d.aux >> s & 1);
  context = (context & ~run) | (kRunLength & run);
#endif
  h.candidates &= h.candidates - 1;
  if (Decide(d, h, context) == 0) return;
  if (context == kRunLength) {
    uint64_t row = Decide(d, h, kUniform) << 1;
    row |= Decide(d, h, kUniform);
    h.candidates |= (uint64_t{0xE} << row & 0xF) << s;
    s += row;
  }
  const uint32_t entry = SignEntry(d, h.significant >> s, s);
  const uint64_t sign = Decide(d, h, entry & 31) ^ entry >> 7;
  d.negative |= (sign << 7) << s;
  h.significant |= uint64_t{128} << s;
  // Columns whose run this sample ends: the next one, whose first row may be 5 to 8 bits ahead.
  const uint64_t ended = d.aux & uint64_t{0x7E} << s;
  d.aux ^= ended;
  h.candidates |= ended << 1 | ended << 2 | ended << 3;
}

template <int kPass>
T1_INLINE bool Step(Lane& d, Hot& h) {
  if constexpr (kPass == kRefinement || kPass == kRawRefinement) {
    const uint32_t i = d.at;
    if (i == d.count) return false;
    d.decided[i] =
        static_cast<uint8_t>(kPass == kRefinement ? Decide(d, h, d.list[i]) : RawBit(d, h));
    d.at = i + 1;
  } else {
    if (__builtin_expect(h.candidates == 0, 0))
      if (!Advance<kPass>(d, h)) return false;
    if constexpr (kPass == kCleanup) {
      StepCleanup(d, h);
    } else {
      StepSignificance<kPass == kRawSignificance>(d, h);
    }
  }
  return true;
}

// Contexts of the samples to be refined, in the order of the scan: nothing becomes significant
// meanwhile.
inline void ListRefinements(Lane& d) {
  uint32_t n = 0;
  for (int k = 0; k < d.words; ++k) {
    Word& w = d.w[k];
    const uint64_t m = w.significant & w.core & ~w.visited;
    if (m == 0) continue;
    const uint64_t sides = w.significant << 6 | w.significant >> 6, row = sides | w.significant;
    Machine::ListContexts(m, sides | row << 1 | row >> 1, w.refined, d.list + n);
    n += static_cast<uint32_t>(std::popcount(m));
    w.refined |= m;
  }
  d.at = 0, d.count = n;
}
inline void StoreRefinements(Lane& d) {
  uint32_t n = 0;
  for (int k = 0; k < d.words; ++k) {
    const Word& w = d.w[k];
    const uint64_t m = w.significant & w.core & ~w.visited;
    if (m == 0) continue;
    d.magnitude[k] |= Machine::Scatter(d.decided + n, m);
    n += static_cast<uint32_t>(std::popcount(m));
  }
}

inline void ResetContexts(Lane& d) {
  for (uint32_t& c : d.contexts) c = StateOf(0);
  d.contexts[0] = StateOf(2 * kFirstRowSignificance);
  d.contexts[kRunLength] = StateOf(2 * kFirstRowRunLength);
  d.contexts[kUniform] = StateOf(2 * kFirstRowUniform);
  d.contexts[kNothing] = StateOf(kNothingState);
}

inline void StartSegment(Lane& d) {
  const Segment& segment = d.block->segments[d.segment];
  const bool raw = IsRaw(d.block->style, d.pass);
  const CodeString string = Unstuff({d.segment_data, segment.bytes}, raw, d.bits);
  d.possible = d.possible && string.possible;
  d.segment_data += segment.bytes;
  d.segment_left = segment.passes;
  ++d.segment;
  const uint64_t first = EightBytes(d.bits.data());
  d.end = d.bits.data() + string.bytes;
  if (raw) {
    d.hot.x = first, d.hot.a = 0;
    d.next = d.bits.data() + 8, d.valid = 64 - 16;
  } else {  // T.800 C.3.5
    d.hot.x = first >> 8 << 7, d.hot.a = uint64_t{1} << 63;
    d.next = d.bits.data() + 7, d.valid = 57 - 16;
  }
}

inline void StartPass(Lane& d) {
  if (d.segment_left == 0) StartSegment(d);
  if ((d.block->style & kResetContexts) != 0) ResetContexts(d);
  const bool raw = IsRaw(d.block->style, d.pass);
  const int kind = (d.pass + 2) % 3;
  d.type = raw ? kind + kRawSignificance : kind;
  d.magnitude = d.magnitudes[d.plane];
  if (kind == kSignificance || d.pass == 0)
    std::memset(d.magnitude, 0, sizeof(uint64_t) * static_cast<size_t>(d.words));
  if (kind == kRefinement) {
    ListRefinements(d);
  } else {
    d.word = -1, d.hot.candidates = 0;
  }
}

inline void Start(Lane& d, const CodeBlock& b) {
  d.block = &b;
  d.columns = (b.width + 7) / 8, d.stride = d.columns + 1;
  const int stripes = (b.height + 3) / 4;
  d.words = (stripes + 1) * d.stride + 1;
  std::memset(static_cast<void*>(d.w), 0,
              sizeof(Word) * static_cast<size_t>(d.words + d.stride + 2));
  for (int s = 0; s < stripes; ++s)
    for (int c = 0; c < d.columns; ++c)
      d.w[(s + 1) * d.stride + 1 + c].core =
          CoreBits(std::min(8, b.width - 8 * c), std::min(4, b.height - 4 * s));
  ResetContexts(d);
  std::memcpy(d.around, kTables.around[static_cast<size_t>(b.band)].data(), sizeof(d.around));
  d.causal = (b.style & kVerticallyCausal) != 0;
  d.segment = 0, d.segment_left = 0, d.segment_data = b.data;
  d.pass = 0, d.plane = b.planes - 1;
  StartPass(d);
}

inline void Finish(Lane& d) {
  const int kind = (d.pass + 2) % 3;  // of the last pass
  for (int i = 0; i < d.words; ++i) {
    const Word& w = d.w[i];
    // A sample that the last pass, one of significance, did not visit is known down to the plane
    // above.
    const uint64_t known = kind == kSignificance ? w.visited : ~uint64_t{0};
    d.half[i] = w.significant & known;
    d.signs[i] = w.negative;
    d.lowest[i] = d.magnitude[i] | (w.significant & ~known);
  }
  BitPlanes bits{.count = d.block->planes - d.plane + 1,
                 .shift = d.plane,
                 .negative = d.signs,
                 .first = d.stride + 1,
                 .stripe = d.stride};
  bits.planes[0] = d.half, bits.planes[1] = d.lowest;
  for (int p = 2; p < bits.count; ++p)
    bits.planes[static_cast<size_t>(p)] = d.magnitudes[d.plane + p - 1];
  ExpandBlock(bits, *d.block);
}

// Behind a pass; false when the block is done.
inline bool EndPass(Lane& d) {
  if (d.type == kRefinement || d.type == kRawRefinement) StoreRefinements(d);
  if (d.type == kCleanup && (d.block->style & kSegmentationSymbols) != 0)
    for (int i = 0; i < 4; ++i) Decide(d, d.hot, kUniform);  // T.800 D.5
  --d.segment_left;
  if (d.pass + 1 == d.block->passes) {
    Finish(d);
    return false;
  }
  if (d.type == kCleanup) --d.plane;
  ++d.pass;
  StartPass(d);
  return true;
}

template <int kPass>
void RunPass(Lane& d) {
  Hot h = d.hot;
  while (Step<kPass>(d, h)) {
  }
  d.hot = h;
}
inline void RunAlone(Lane& d) {
  switch (d.type) {
    case kSignificance:
      return RunPass<kSignificance>(d);
    case kRefinement:
      return RunPass<kRefinement>(d);
    case kCleanup:
      return RunPass<kCleanup>(d);
    case kRawSignificance:
      return RunPass<kRawSignificance>(d);
    default:
      return RunPass<kRawRefinement>(d);
  }
}
// Which lane ended its pass.
template <int kFirst, int kSecond>
int RunBoth(Lane& d, Lane& e) {
  Hot h = d.hot, i = e.hot;
  int ended = 0;
  for (;;) {
    if (!Step<kFirst>(d, h)) break;
    if (!Step<kSecond>(e, i)) {
      ended = 1;
      break;
    }
  }
  d.hot = h, e.hot = i;
  return ended;
}
inline int RunTwo(Lane& d, Lane& e) {
  static constexpr int (*kRun[9])(Lane&, Lane&) = {RunBoth<0, 0>, RunBoth<0, 1>, RunBoth<0, 2>,
                                                   RunBoth<1, 0>, RunBoth<1, 1>, RunBoth<1, 2>,
                                                   RunBoth<2, 0>, RunBoth<2, 1>, RunBoth<2, 2>};
  // Raw bits wait for nothing: alone.
  if (d.type >= kRawSignificance) return RunAlone(d), 0;
  if (e.type >= kRawSignificance) return RunAlone(e), 1;
  return kRun[d.type * 3 + e.type](d, e);
}

struct Lanes {
  Lane lane[2];
};

bool DecodeInTurns(std::span<const CodeBlock> blocks) {
  thread_local std::unique_ptr<Lanes> lanes;
  if (lanes == nullptr) lanes = std::make_unique<Lanes>();
  for (Lane& lane : lanes->lane) lane.possible = true;
  size_t next = 0;
  bool busy[2] = {};
  for (int k = 0; k < 2 && next < blocks.size(); ++k) {
    Start(lanes->lane[k], blocks[next++]);
    busy[k] = true;
  }
  while (busy[0] && busy[1]) {
    const int k = RunTwo(lanes->lane[0], lanes->lane[1]);
    if (EndPass(lanes->lane[k])) continue;
    if (next < blocks.size()) {
      Start(lanes->lane[k], blocks[next++]);
    } else {
      busy[k] = false;
    }
  }
  for (int k = 0; k < 2; ++k) {
    if (!busy[k]) continue;
    do RunAlone(lanes->lane[k]);
    while (EndPass(lanes->lane[k]));
  }
  return lanes->lane[0].possible && lanes->lane[1].possible;
}

}  // namespace T1_NAMESPACE
}  // namespace iiifbench::jp2::t1
