// resize_down: the pass down of a resize, for each Highway target. Included by resize.cc only.
//
// Units: 8-bit samples in, 16-bit samples with kFractionBits of fraction out. Neighbouring output
// rows are made together, two at a time: each pair of source rows is widened and interleaved once,
// and while it is in registers multiplied into every row of the group whose window holds it. A
// group is gone through in phases (row 0; rows 0 and 1; ... the last alone), so no multiply is
// spent on a weight of 0, at any ratio. Bound: the multiply-adds, two taps of one 32-bit sum each;
// see resize.cc for how close. Order: samples leave in octets, see StoredOctet; the turn that
// follows puts them in place for nothing.
#if defined(IIIFBENCH_RESIZE_DOWN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef IIIFBENCH_RESIZE_DOWN_INL_H_
#undef IIIFBENCH_RESIZE_DOWN_INL_H_
#else
#define IIIFBENCH_RESIZE_DOWN_INL_H_
#endif

#include <algorithm>
#include <cstring>

#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace iiifbench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

using DownBytes = hn::CappedTag<uint8_t, 64>;
using DownWords = hn::Repartition<int16_t, DownBytes>;
using DownSums = hn::Repartition<int32_t, DownBytes>;

// Four rows fit 32 registers, but lose for 24 Mpx to 800 wide: see resize.cc.
constexpr int kMostTogether = 2;

// A pair of weights in every 32-bit lane.
template <class D16>
HWY_INLINE hn::Vec<D16> Pair(D16 d16, const int16_t* weights) {
  int32_t both = 0;
  std::memcpy(&both, weights, sizeof both);
  return hn::BitCast(d16, hn::Set(hn::Repartition<int32_t, D16>(), both));
}

// Samples of one block of the pass down, and where octet `i` of what it stores belongs in the
// block.
HWY_INLINE int DownBlock() { return static_cast<int>(hn::Lanes(DownBytes())); }
HWY_INLINE int StoredOctet(int i) {
  const int half = DownBlock() / 16;
  return i < half ? 2 * i : 2 * (i - half) + 1;
}

// One group: output rows [row, row + kGroup).
struct DownGroup {
  const PairedTaps* taps;
  int row;
  const uint8_t* const* rows;  // two for each pair from taps->first[row] on
};

// Adds the pairs [begin, end) at samples x to the rows [kFrom, kTo) of the group.
template <int kFrom, int kTo, int kGroup>
HWY_INLINE void AddPairs(const DownGroup& group, const uint8_t* const* rows, ptrdiff_t x, int begin,
                         int end, hn::Vec<DownSums> (&sums)[kGroup][4]) {
  const DownBytes d8;
  const DownWords d16;
  const DownSums d32;
  const PairedTaps& taps = *group.taps;
  const auto zero = hn::Zero(d8);
  const int base = taps.first[static_cast<size_t>(group.row)];
  const int16_t* weights[kGroup] = {};
#pragma GCC unroll 4
  for (int g = kFrom; g < kTo; ++g) {
    const auto slot = static_cast<size_t>(group.row + g);
    weights[g] = taps.weights.data() +
                 2 * (static_cast<ptrdiff_t>(slot) * taps.stride + begin - taps.first[slot]);
  }
  for (int q = begin; q < end; ++q) {
    const auto a = hn::LoadU(d8, rows[2 * (q - base)] + x);
    const auto b = hn::LoadU(d8, rows[2 * (q - base) + 1] + x);
    const auto low = hn::InterleaveLower(d8, a, b), high = hn::InterleaveUpper(d8, a, b);
    const hn::Vec<DownWords> pairs[4] = {hn::BitCast(d16, hn::InterleaveLower(d8, low, zero)),
                                         hn::BitCast(d16, hn::InterleaveUpper(d8, low, zero)),
                                         hn::BitCast(d16, hn::InterleaveLower(d8, high, zero)),
                                         hn::BitCast(d16, hn::InterleaveUpper(d8, high, zero))};
    auto unused = hn::Zero(d32);
#pragma GCC unroll 4
    for (int g = kFrom; g < kTo; ++g) {
      const auto w = Pair(d16, weights[g]);
      weights[g] += 2;
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i)
        sums[g][i] = hn::ReorderWidenMulAccumulate(d32, pairs[i], w, sums[g][i], unused);
    }
  }
}

// The phases before all rows of the group are under way, and those after.
template <int kTo, int kGroup>
HWY_INLINE void Begin(const DownGroup& group, const uint8_t* const* rows, ptrdiff_t x,
                      hn::Vec<DownSums> (&sums)[kGroup][4]) {
  if constexpr (kTo < kGroup) {
    const int* first = &group.taps->first[static_cast<size_t>(group.row)];
    AddPairs<0, kTo>(group, rows, x, first[kTo - 1], first[kTo], sums);
    Begin<kTo + 1>(group, rows, x, sums);
  }
}
template <int kFrom, int kGroup>
HWY_INLINE void End(const DownGroup& group, const uint8_t* const* rows, ptrdiff_t x,
                    hn::Vec<DownSums> (&sums)[kGroup][4]) {
  if constexpr (kFrom < kGroup) {
    const int* last = &group.taps->last[static_cast<size_t>(group.row)];
    AddPairs<kFrom, kGroup>(group, rows, x, last[kFrom - 1], last[kFrom], sums);
    End<kFrom + 1>(group, rows, x, sums);
  }
}

// Samples [0, count) of the group's rows, each `stride` beyond the other; whole blocks are written.
// `fresh`: what the next group reads and this one does not; short runs of many rows are beyond the
// hardware's prefetcher. Where kGroup > 1, the first window must reach the beginning of the last.
template <int kGroup>
HWY_NOINLINE void DownRows(const DownGroup& group, int count,
                           const std::vector<const uint8_t*>& fresh, std::vector<uint8_t>& padded,
                           std::vector<const uint8_t*>& padded_rows, int16_t* HWY_RESTRICT to,
                           size_t stride) {
  const DownWords d16;
  const DownSums d32;
  const int block = DownBlock();
  constexpr int kShift = kWeightBits - kFractionBits;
  const auto half = hn::Set(d32, 1 << (kShift - 1));
  const int* first = &group.taps->first[static_cast<size_t>(group.row)];
  const int* last = &group.taps->last[static_cast<size_t>(group.row)];
  for (int x = 0; x < count; x += block) {
    if (x % 64 == 0) {
      for (const uint8_t* row : fresh) hwy::Prefetch(row + x);
    }
    const uint8_t* const* rows = group.rows;
    ptrdiff_t at = x;
    if (x + block > count) {
      // Never reads beyond a row: it may be the last of the buffer.
      const auto used = static_cast<size_t>(2 * (last[kGroup - 1] - first[0]));
      padded.assign(used * static_cast<size_t>(block), 0);
      padded_rows.resize(used);
      for (size_t k = 0; k < used; ++k) {
        padded_rows[k] = padded.data() + k * static_cast<size_t>(block);
        std::memcpy(padded.data() + k * static_cast<size_t>(block), rows[k] + x,
                    static_cast<size_t>(count - x));
      }
      rows = padded_rows.data();
      at = 0;
    }
    hn::Vec<DownSums> sums[kGroup][4];
#pragma GCC unroll 4
    for (int g = 0; g < kGroup; ++g) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) sums[g][i] = half;
    }
    Begin<1>(group, rows, at, sums);
    AddPairs<0, kGroup>(group, rows, at, first[kGroup - 1], last[0], sums);
    End<1>(group, rows, at, sums);
#pragma GCC unroll 4
    for (int g = 0; g < kGroup; ++g) {
      int16_t* row = to + static_cast<size_t>(g) * stride + x;
#pragma GCC unroll 2
      for (int i = 0; i < 2; ++i) {
        hn::StoreU(hn::ReorderDemote2To(d16, hn::ShiftRight<kShift>(sums[g][2 * i]),
                                        hn::ShiftRight<kShift>(sums[g][2 * i + 1])),
                   d16, row + i * (block / 2));
      }
    }
  }
}

// How many of the output rows [row, end) are made together.
HWY_INLINE int Together(const PairedTaps& taps, int row, int end) {
  const int last = row + kMostTogether - 1;
  const bool overlap =
      last < end && taps.first[static_cast<size_t>(last)] <= taps.last[static_cast<size_t>(row)];
  return overlap ? kMostTogether : 1;
}

// Output rows [top, top + rows), samples [first, first + count) of the source.
HWY_INLINE void Down(const ResizeJob& job, int top, int rows, int first, int count,
                     ResizeScratch& scratch, size_t stride) {
  const PairedTaps& taps = *job.down;
  const int bottom = top + rows, height = job.source.height;
  auto source_row = [&](int y) { return job.source.row(std::clamp(y, 0, height - 1)) + first; };
  for (int row = top; row < bottom;) {
    const int together = Together(taps, row, bottom);
    const auto end = static_cast<size_t>(row + together);
    const int from = 2 * taps.first[static_cast<size_t>(row)] - taps.offset,
              to = 2 * taps.last[end - 1] - taps.offset;
    scratch.source_rows.clear();
    for (int y = from; y < to; ++y) scratch.source_rows.push_back(source_row(y));
    const auto next = std::min(end + static_cast<size_t>(together), taps.last.size()) - 1;
    const int next_to = std::min(2 * taps.last[next] - taps.offset, height);
    scratch.fresh.clear();
    for (int y = to; y < next_to; ++y) scratch.fresh.push_back(source_row(y));
    const DownGroup group{&taps, row, scratch.source_rows.data()};
    int16_t* out = scratch.rows.get() + static_cast<size_t>(row - top) * stride;
    auto make = [&](auto rows_of) HWY_ATTR {
      rows_of(group, count, scratch.fresh, scratch.padded, scratch.padded_rows, out, stride);
    };
    if (together == kMostTogether) {
      make(DownRows<kMostTogether>);
    } else {
      make(DownRows<1>);
    }
    row += together;
  }
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace iiifbench
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
