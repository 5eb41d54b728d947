#include "kernels/pixels/resize_box.h"

#include <hwy/cache_control.h>

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixels/resize_box.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace iiifbench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

// Four pixels of 3 channels fill 12 bytes of a block of 16; of 1 or 4 channels a block is full.
template <int kChannels>
constexpr int kUsed = kChannels == 3 ? 12 : 16;

// Where each byte of a block comes from, so that samples of one channel and one output pixel are
// neighbours.
template <int kChannels, int kFactor>
struct Order {
  constexpr Order() {
    for (int i = 0; i < 16; ++i) {
      const int group = i / kFactor, pixel = group / kChannels * kFactor + i % kFactor;
      at[i] = static_cast<uint8_t>(std::min(pixel * kChannels + group % kChannels, 15));
    }
  }
  uint8_t at[16] = {};
};

// Positions of 32-bit lanes: three of every four are spread from, or packed to, the front.
template <class D32>
HWY_INLINE auto Spread(D32 d32) {
  HWY_ALIGN int32_t at[HWY_MAX_BYTES / 4];
  for (int i = 0; i < static_cast<int>(hn::Lanes(d32)); ++i) at[i] = i / 4 * 3 + std::min(i % 4, 2);
  return hn::SetTableIndices(d32, at);
}
template <class D32>
HWY_INLINE auto Packed(D32 d32) {
  HWY_ALIGN int32_t at[HWY_MAX_BYTES / 4];
  const int lanes = static_cast<int>(hn::Lanes(d32));
  for (int i = 0; i < lanes; ++i) at[i] = std::min(i / 3 * 4 + i % 3, lanes - 1);
  return hn::SetTableIndices(d32, at);
}

// One output row. `from` are kFactor rows; each step reads a whole vector and uses kUsed of every
// 16 bytes.
template <int kChannels, int kFactor>
void BoxRow(const uint8_t* HWY_RESTRICT first, ptrdiff_t stride, const uint8_t* HWY_RESTRICT next,
            uint8_t* HWY_RESTRICT to, int width) {
  const hn::ScalableTag<uint8_t> d8;
  const hn::Repartition<uint16_t, decltype(d8)> d16;
  const hn::Repartition<uint32_t, decltype(d8)> d32;
  constexpr Order<kChannels, kFactor> kOrder;
  constexpr int kShift = kFactor == 2 ? 2 : 4;
  const auto order = hn::LoadDup128(d8, kOrder.at);
  const auto spread = Spread(d32), packed = Packed(d32);
  const auto low_byte = hn::Set(d16, 0xFF);
  const int vector = static_cast<int>(hn::Lanes(d8));
  const int step = vector / 16 * kUsed<kChannels>, out_step = step / kFactor;
  auto one = [&](const uint8_t* from, ptrdiff_t from_stride, uint8_t* out) HWY_ATTR {
    // Half of the divisor, over the kFactor / 2 lanes that make one sample.
    auto even = hn::Set(d16, kFactor), odd = hn::Zero(d16);
#pragma GCC unroll 4
    for (int k = 0; k < kFactor; ++k) {
      auto v = hn::LoadU(d8, from + k * from_stride);
      if constexpr (kChannels == 3) {
        if (vector > 16) v = hn::BitCast(d8, hn::TableLookupLanes(hn::BitCast(d32, v), spread));
      }
      const auto pairs = hn::BitCast(d16, hn::TableLookupBytes(v, order));
      even = hn::Add(even, hn::And(pairs, low_byte));
      odd = hn::Add(odd, hn::ShiftRight<8>(pairs));
    }
    const auto sums = hn::Add(even, odd);
    if constexpr (kFactor == 2) {
      auto mean = hn::BitCast(d32, hn::ShiftRight<kShift>(sums));
      if constexpr (kChannels == 3) mean = hn::TableLookupLanes(mean, packed);
      const hn::RebindToSigned<decltype(d16)> i16;
      const hn::Rebind<uint8_t, decltype(i16)> half;
      hn::StoreU(hn::DemoteTo(half, hn::BitCast(i16, mean)), half, out);
    } else {
      const auto pairs = hn::BitCast(d32, sums);
      auto mean = hn::ShiftRight<kShift>(
          hn::Add(hn::And(pairs, hn::Set(d32, 0xFFFF)), hn::ShiftRight<16>(pairs)));
      if constexpr (kChannels == 3) mean = hn::TableLookupLanes(mean, packed);
      const hn::RebindToSigned<decltype(d32)> i32;
      const hn::Rebind<uint8_t, decltype(i32)> quarter;
      hn::StoreU(hn::DemoteTo(quarter, hn::BitCast(i32, mean)), quarter, out);
    }
  };
  const int in_bytes = width * kChannels * kFactor, out_bytes = width * kChannels;
  int in = 0, out = 0;
  // A store is wider than what it brings; the surplus is overwritten by the next one.
  for (; in + vector <= in_bytes && out + vector / kFactor <= out_bytes;
       in += step, out += out_step) {
    for (int k = 0; k < kFactor; ++k) hwy::Prefetch(next + k * stride + in);
    one(first + in, stride, to + out);
  }
  HWY_ALIGN uint8_t padded[kFactor * HWY_MAX_BYTES] = {};
  HWY_ALIGN uint8_t result[HWY_MAX_BYTES];
  for (; out < out_bytes; in += step, out += out_step) {
    for (int k = 0; k < kFactor; ++k) {
      std::memcpy(padded + k * HWY_MAX_BYTES, first + k * stride + in,
                  static_cast<size_t>(std::min(step, in_bytes - in)));
    }
    one(padded, HWY_MAX_BYTES, result);
    std::memcpy(to + out, result, static_cast<size_t>(std::min(out_step, out_bytes - out)));
  }
}

#else

template <int kChannels, int kFactor>
void BoxRow(const uint8_t* first, ptrdiff_t stride, const uint8_t* /*next*/, uint8_t* to,
            int width) {
  for (int i = 0; i < width * kChannels; ++i) {
    int sum = kFactor * kFactor / 2;
    for (int y = 0; y < kFactor; ++y) {
      for (int x = 0; x < kFactor; ++x)
        sum += first[y * stride + (i / kChannels * kFactor + x) * kChannels + i % kChannels];
    }
    to[i] = static_cast<uint8_t>(sum / (kFactor * kFactor));
  }
}

#endif

template <int kFactor>
void BoxRows(ConstPixelView source, PixelView out, int top, int rows) {
  for (int y = top; y < top + rows; ++y) {
    const uint8_t *first = source.row(kFactor * y),
                  *next = source.row(std::min(kFactor * (y + 1), source.height - kFactor));
    if (out.channels == 1) {
      BoxRow<1, kFactor>(first, source.stride_bytes, next, out.row(y), out.width);
    } else if (out.channels == 3) {
      BoxRow<3, kFactor>(first, source.stride_bytes, next, out.row(y), out.width);
    } else {
      BoxRow<4, kFactor>(first, source.stride_bytes, next, out.row(y), out.width);
    }
  }
}

void Box(ConstPixelView source, PixelView out, int factor, int top, int rows) {
  factor == 2 ? BoxRows<2>(source, out, top, rows) : BoxRows<4>(source, out, top, rows);
}

}  // namespace HWY_NAMESPACE
}  // namespace iiifbench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace iiifbench {

HWY_EXPORT(Box);

void IntegerBox(ConstPixelView source, PixelView out, int factor, int top, int rows) {
  IIIFBENCH_CHECK(IsIntegerBox(factor) && source.width == factor * out.width &&
                      source.height == factor * out.height && source.channels == out.channels,
                  "{}x{} to {}x{} by {}", source.width, source.height, out.width, out.height,
                  factor);
  HWY_DYNAMIC_DISPATCH(Box)(source, out, factor, top, rows);
}

}  // namespace iiifbench
#endif
