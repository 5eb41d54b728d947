#include "kernels/codecs/jp2/t1/expand.h"

#include <algorithm>
#include <bit>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/codecs/jp2/t1/expand.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace iiifbench::jp2 {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<int32_t, 8>;
using V = hn::Vec<D>;

// Row `row` of a stripe as 2 x magnitude + half step, signed, from the nibbles of up to 32 planes.
HWY_INLINE V Unfold(V nibbles, int row) {
  const D d;
  V x = hn::And(hn::ShiftRightSame(nibbles, row), hn::Set(d, 0x11111111));
  x = hn::And(hn::Or(x, hn::ShiftRight<3>(x)), hn::Set(d, 0x03030303));
  x = hn::And(hn::Or(x, hn::ShiftRight<6>(x)), hn::Set(d, 0x000F000F));
  return hn::And(hn::Or(x, hn::ShiftRight<12>(x)), hn::Set(d, 0xFF));
}

// Four rows of a stripe, 8 samples a word and lane group, into `rows`.
void ExpandStripe(const BitPlanes& bits, ptrdiff_t word, int columns, int32_t* HWY_RESTRICT rows,
                  ptrdiff_t stride) {
  const D d;
  constexpr int kLanes = static_cast<int>(hn::MaxLanes(D()));
  alignas(64) int32_t shifts[8], far[8];
  for (int c = 0; c < 8; ++c) shifts[c] = 6 * c - (c < 5 ? 0 : 30), far[c] = c < 5 ? 0 : -1;
  for (int k = 0; k < columns; ++k) {
    const ptrdiff_t at = (word + k) * bits.lane;
    for (int c = 0; c < 8; c += kLanes) {
      const V shift = hn::Load(d, shifts + c), high = hn::Load(d, far + c);
      const auto nibbles_of = [&](const uint64_t* plane) {
        const uint64_t w = plane[at] >> 7;
        const V low = hn::Set(d, static_cast<int32_t>(w & 0x3FFFFFFF)),
                up = hn::Set(d, static_cast<int32_t>(w >> 30 & 0x3FFFFFFF));
        const V both = hn::Or(hn::AndNot(high, low), hn::And(high, up));
        return hn::And(hn::Shr(both, shift), hn::Set(d, 15));
      };
      V value[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
      for (int first = (bits.count - 1) / 8 * 8; first >= 0; first -= 8) {
        V folded = hn::Zero(d);
        for (int p = std::min(bits.count, first + 8) - 1; p >= first; --p)
          folded =
              hn::Or(hn::ShiftLeft<4>(folded), nibbles_of(bits.planes[static_cast<size_t>(p)]));
        for (int r = 0; r < 4; ++r)
          value[r] = hn::Or(hn::ShiftLeft<8>(value[r]), Unfold(folded, r));
      }
      const V sign = nibbles_of(bits.negative);
      for (int r = 0; r < 4; ++r) {
        const V v = hn::ShiftLeftSame(value[r], bits.shift);
        // All ones where negative: (v ^ m) - m.
        const V m = hn::Neg(hn::And(hn::ShiftRightSame(sign, r), hn::Set(d, 1)));
        hn::Store(hn::Sub(hn::Xor(v, m), m), d, rows + r * stride + 8 * k + c);
      }
    }
  }
}

// Samples of the band from those of the block; rows are padded to 8.
void StoreRow(const int32_t* from, int count, const BlockOutput& out, int32_t* to) {
  const D d;
  const auto lanes = static_cast<int>(hn::Lanes(d));
  const hn::RebindToFloat<D> df;
  int x = 0;
  if (out.half_step == 0) {
    // Half of it, towards zero.
    const auto halved = [&](V v) { return hn::ShiftRight<1>(hn::Sub(v, hn::ShiftRight<31>(v))); };
    for (; x + lanes <= count; x += lanes) hn::StoreU(halved(hn::LoadU(d, from + x)), d, to + x);
    for (; x < count; ++x) to[x] = from[x] / 2;
    return;
  }
  const auto step = hn::Set(df, out.half_step);
  for (; x + lanes <= count; x += lanes) {
    const auto v = hn::Mul(hn::ConvertTo(df, hn::LoadU(d, from + x)), step);
    hn::StoreU(hn::BitCast(d, v), d, to + x);
  }
  for (; x < count; ++x)
    to[x] = std::bit_cast<int32_t>(static_cast<float>(from[x]) * out.half_step);
}

void ExpandBlockAny(const BitPlanes& bits, const CodeBlock& block) {
  const BlockOutput& out = block.out;
  const int columns = (block.width + 7) / 8;
  const ptrdiff_t stride = ptrdiff_t{8} * columns;
  alignas(64) int32_t rows[4 * kMostBlockSide];
  for (int top = out.top / 4 * 4; top < out.bottom; top += 4) {
    ExpandStripe(bits, bits.first + top / 4 * bits.stripe, columns, rows, stride);
    for (int y = std::max(top, out.top); y < std::min(top + 4, out.bottom); ++y) {
      int32_t* row = rows + (y - top) * stride;
      if (out.region_shift > 0) {
        // T.800 H.1: what reaches the threshold belongs to the region and was shifted up.
        for (int x = out.left; x < out.right; ++x) {
          const int64_t magnitude = row[x] < 0 ? -int64_t{row[x]} : int64_t{row[x]};
          if (magnitude >> 1 < int64_t{1} << std::min(out.region_shift, 40)) continue;
          const auto less = static_cast<int32_t>(magnitude >> out.region_shift);
          row[x] = row[x] < 0 ? -less : less;
        }
      }
      StoreRow(row + out.left, out.right - out.left, out, out.to + (y - out.top) * out.stride);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace iiifbench::jp2
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace iiifbench::jp2 {

HWY_EXPORT(ExpandBlockAny);

void ExpandBlock(const BitPlanes& bits, const CodeBlock& block) {
  HWY_DYNAMIC_DISPATCH(ExpandBlockAny)(bits, block);
}

void ExpandBlockScalar(const BitPlanes& bits, const CodeBlock& block) {
  const BlockOutput& out = block.out;
  for (int y = out.top; y < out.bottom; ++y) {
    for (int x = out.left; x < out.right; ++x) {
      const ptrdiff_t at = (bits.first + y / 4 * bits.stripe + x / 8) * bits.lane;
      const int bit = 6 * (x % 8 + 1) + y % 4 + 1;
      int64_t value = 0;
      for (int p = bits.count - 1; p >= 0; --p)
        value =
            value << 1 | static_cast<int64_t>(bits.planes[static_cast<size_t>(p)][at] >> bit & 1);
      value <<= bits.shift;
      if (out.region_shift > 0 && value >> 1 >= int64_t{1} << std::min(out.region_shift, 40))
        value >>= out.region_shift;
      if ((bits.negative[at] >> bit & 1) != 0) value = -value;
      int32_t& to = out.to[(y - out.top) * out.stride + x - out.left];
      to = out.half_step == 0 ? static_cast<int32_t>(value / 2)
                              : std::bit_cast<int32_t>(static_cast<float>(value) * out.half_step);
    }
  }
}

}  // namespace iiifbench::jp2
#endif
