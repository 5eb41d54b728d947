#include "kernels/pixels/haar_sums.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixels/haar_sums.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace iiifbench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

using D16 = hn::FixedTag<int16_t, 8>;
using D32 = hn::FixedTag<int32_t, 4>;
using V16 = hn::Vec<D16>;
using V32 = hn::Vec<D32>;

// The left and the right samples of eight blocks.
HWY_INLINE void Split(const uint8_t* from, V16& left, V16& right) {
  const D16 d16;
  const hn::FixedTag<uint16_t, 8> u16;
  const auto pairs = hn::BitCast(u16, hn::LoadU(hn::FixedTag<uint8_t, 16>(), from));
  left = hn::BitCast(d16, hn::And(pairs, hn::Set(u16, 0xFF)));
  right = hn::BitCast(d16, hn::ShiftRight<8>(pairs));
}
HWY_INLINE void Split(const int16_t* from, V16& left, V16& right) {
  const D16 d16;
  const V16 low = hn::LoadU(d16, from), high = hn::LoadU(d16, from + 8);
  left = hn::ConcatEven(d16, high, low);
  right = hn::ConcatOdd(d16, high, low);
}

struct Details {
  V16 x, y, z;
};
template <typename T>
HWY_INLINE Details DetailsOf(const T* top, const T* low, int16_t* sums) {
  V16 a, b, c, d;
  Split(top, a, b);
  Split(low, c, d);
  const V16 upper = hn::Add(a, b), lower = hn::Add(c, d), above = hn::Sub(a, b),
            below = hn::Sub(c, d);
  hn::StoreU(hn::Add(upper, lower), D16(), sums);
  return {hn::Add(above, below), hn::Sub(upper, lower), hn::Sub(above, below)};
}

// A sum of products in 32 bits.
struct Products {
  V32 even, odd;
};
HWY_INLINE void Add(Products& sum, const Details& p, const Details& q) {
  const D32 d32;
  sum.even = hn::ReorderWidenMulAccumulate(d32, p.x, q.x, sum.even, sum.odd);
  sum.even = hn::ReorderWidenMulAccumulate(d32, p.y, q.y, sum.even, sum.odd);
  sum.even = hn::ReorderWidenMulAccumulate(d32, p.z, q.z, sum.even, sum.odd);
}
HWY_INLINE int64_t Total(const Products& sum) {
  HWY_ALIGN int32_t lanes[4];
  hn::Store(hn::Add(sum.even, sum.odd), D32(), lanes);
  return int64_t{lanes[0]} + lanes[1] + lanes[2] + lanes[3];
}

HWY_INLINE V16 Only(const hn::Mask<D16>& counted, const V16& v) {
  return hn::IfThenElseZero(counted, v);
}

// Eight blocks from block i on.
template <typename T>
HWY_INLINE void Take(const HaarRows<T>& rows, int16_t* expected_sums, int16_t* answer_sums, int i,
                     Details& e, Details& a) {
  e = DetailsOf(rows.expected_top + 2 * i, rows.expected_low + 2 * i, expected_sums + i);
  a = DetailsOf(rows.answer_top + 2 * i, rows.answer_low + 2 * i, answer_sums + i);
}

template <typename T>
HaarSums SumRow(const HaarRows<T>& rows, int16_t* expected_sums, int16_t* answer_sums, int blocks) {
  if (blocks < 8) return SumHaarRowScalar(rows, expected_sums, answer_sums, blocks);
  // The squares of a block's three details are at most 4 * 4080^2 together, and a lane takes two
  // blocks in each step: after twelve steps it is nearly full.
  constexpr int kSteps = 12;
  const V32 zero = hn::Zero(D32());
  HaarSums out;
  Details e, a;
  for (int i = 0; i < blocks;) {
    Products expected{zero, zero}, answer{zero, zero}, both{zero, zero};
    for (int step = 0; step < kSteps && i < blocks; ++step, i += 8) {
      const int before = i + 8 - blocks;  // of the last eight, those that were counted
      Take(rows, expected_sums, answer_sums, before > 0 ? blocks - 8 : i, e, a);
      if (before > 0) {
        const auto counted = hn::Not(hn::FirstN(D16(), static_cast<size_t>(before)));
        e = {Only(counted, e.x), Only(counted, e.y), Only(counted, e.z)};
        a = {Only(counted, a.x), Only(counted, a.y), Only(counted, a.z)};
      }
      Add(expected, e, e), Add(answer, a, a), Add(both, e, a);
    }
    out.expected += Total(expected), out.answer += Total(answer), out.both += Total(both);
  }
  return out;
}

#else

template <typename T>
HaarSums SumRow(const HaarRows<T>& rows, int16_t* expected_sums, int16_t* answer_sums, int blocks) {
  return SumHaarRowScalar(rows, expected_sums, answer_sums, blocks);
}

#endif

HaarSums SumBytes(const HaarRows<uint8_t>& rows, int16_t* expected_sums, int16_t* answer_sums,
                  int blocks) {
  return SumRow(rows, expected_sums, answer_sums, blocks);
}
HaarSums SumShorts(const HaarRows<int16_t>& rows, int16_t* expected_sums, int16_t* answer_sums,
                   int blocks) {
  return SumRow(rows, expected_sums, answer_sums, blocks);
}

}  // namespace HWY_NAMESPACE
}  // namespace iiifbench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace iiifbench {
namespace {

struct BlockDetails {
  int x, y, z;
};
template <typename T>
BlockDetails DetailsOfBlock(const T* top, const T* low, int16_t& sum) {
  const int a = top[0], b = top[1], c = low[0], d = low[1];
  sum = static_cast<int16_t>(a + b + c + d);
  return {a - b + c - d, a + b - c - d, a - b - c + d};
}
int64_t Product(const BlockDetails& p, const BlockDetails& q) {
  return int64_t{p.x} * q.x + int64_t{p.y} * q.y + int64_t{p.z} * q.z;
}

template <typename T>
HaarSums SumRowPlainly(const HaarRows<T>& rows, int16_t* expected_sums, int16_t* answer_sums,
                       int blocks) {
  HaarSums out;
  for (int i = 0; i < blocks; ++i) {
    const BlockDetails e =
        DetailsOfBlock(rows.expected_top + 2 * i, rows.expected_low + 2 * i, expected_sums[i]);
    const BlockDetails a =
        DetailsOfBlock(rows.answer_top + 2 * i, rows.answer_low + 2 * i, answer_sums[i]);
    out.expected += Product(e, e), out.answer += Product(a, a), out.both += Product(e, a);
  }
  return out;
}

}  // namespace

HWY_EXPORT(SumBytes);
HWY_EXPORT(SumShorts);

HaarSums SumHaarRow(const HaarRows<uint8_t>& rows, int16_t* expected_sums, int16_t* answer_sums,
                    int blocks) {
  return HWY_DYNAMIC_DISPATCH(SumBytes)(rows, expected_sums, answer_sums, blocks);
}
HaarSums SumHaarRow(const HaarRows<int16_t>& rows, int16_t* expected_sums, int16_t* answer_sums,
                    int blocks) {
  return HWY_DYNAMIC_DISPATCH(SumShorts)(rows, expected_sums, answer_sums, blocks);
}
HaarSums SumHaarRowScalar(const HaarRows<uint8_t>& rows, int16_t* expected_sums,
                          int16_t* answer_sums, int blocks) {
  return SumRowPlainly(rows, expected_sums, answer_sums, blocks);
}
HaarSums SumHaarRowScalar(const HaarRows<int16_t>& rows, int16_t* expected_sums,
                          int16_t* answer_sums, int blocks) {
  return SumRowPlainly(rows, expected_sums, answer_sums, blocks);
}

}  // namespace iiifbench
#endif
