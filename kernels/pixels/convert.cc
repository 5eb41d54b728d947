#include "kernels/pixels/convert.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixels/convert.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace iiifbench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// round(v / 257) = floor(t / 257) with t = v + 128, since 255 / 65535 = 1 / 257. Of t = 257 q + r,
// t - (t >> 8) lies in [256 q, 256 q + 255], so its high byte is q: no product, all in 16 bits. The
// sum saturates only where q is 255 in any case.
template <class V>
HWY_INLINE V NarrowLanes(V v) {
  const hn::DFromV<V> d;
  const V t = hn::SaturatedAdd(v, hn::Set(d, 128));
  return hn::ShiftRight<8>(hn::Sub(t, hn::ShiftRight<8>(t)));
}

// Both return how many they have done: whole vectors only.
int64_t Narrow(const uint8_t* from, int64_t count, uint8_t* to) {
#if HWY_TARGET == HWY_SCALAR
  // A lane has no two bytes to be made of, and the twin does the same.
  static_cast<void>(from), static_cast<void>(count), static_cast<void>(to);
  return 0;
#else
  const hn::ScalableTag<uint16_t> d16;
  const hn::ScalableTag<int16_t> d_signed;
  const hn::Repartition<uint8_t, decltype(d16)> d_bytes;
  const hn::Rebind<uint8_t, decltype(d16)> d8;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d16));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto v = hn::BitCast(d16, hn::LoadU(d_bytes, from + 2 * i));
    // At most 255, so the signed reading is the same.
    hn::StoreU(hn::DemoteTo(d8, hn::BitCast(d_signed, NarrowLanes(v))), d8, to + i);
  }
  return i;
#endif
}

// round(x / 255) of a product x of two bytes: floor(t / 255) with t = x + 127 is
// (t + 1 + (t >> 8)) >> 8 for all t below 65535.
int64_t Cmyk(const uint8_t* from, int64_t count, uint8_t* to) {
  const hn::ScalableTag<uint16_t> d16;
  const hn::ScalableTag<int16_t> d_signed;
  const hn::Rebind<uint8_t, decltype(d16)> d8;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d16));
  const auto white = hn::Set(d16, 255);
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::Vec<decltype(d8)> cyan, magenta, yellow, key;
    hn::LoadInterleaved4(d8, from + 4 * i, cyan, magenta, yellow, key);
    const auto black = hn::Sub(white, hn::PromoteTo(d16, key));
    const auto mix = [&](hn::Vec<decltype(d8)> ink) HWY_ATTR {
      const auto light = hn::Sub(white, hn::PromoteTo(d16, ink));
      const auto t = hn::Add(hn::Mul(light, black), hn::Set(d16, 127));
      const auto sum = hn::Add(hn::Add(t, hn::Set(d16, 1)), hn::ShiftRight<8>(t));
      return hn::DemoteTo(d8, hn::BitCast(d_signed, hn::ShiftRight<8>(sum)));
    };
    hn::StoreInterleaved3(mix(cyan), mix(magenta), mix(yellow), d8, to + 3 * i);
  }
  return i;
}

}  // namespace HWY_NAMESPACE
}  // namespace iiifbench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace iiifbench {

HWY_EXPORT(Narrow);
HWY_EXPORT(Cmyk);

// The rest of fewer than a vector goes through the twins: both are exact.
void NarrowTo8(const uint8_t* from, int64_t count, uint8_t* to) {
  const int64_t done = HWY_DYNAMIC_DISPATCH(Narrow)(from, count, to);
  NarrowTo8Scalar(from + 2 * done, count - done, to + done);
}

void NarrowTo8Scalar(const uint8_t* from, int64_t count, uint8_t* to) {
  for (int64_t i = 0; i < count; ++i) {
    uint16_t value = 0;
    std::memcpy(&value, from + 2 * i, sizeof value);
    to[i] = static_cast<uint8_t>((uint32_t{value} * 255 + 32767) / 65535);
  }
}

void CmykToRgb(const uint8_t* from, int64_t count, uint8_t* to) {
  const int64_t done = HWY_DYNAMIC_DISPATCH(Cmyk)(from, count, to);
  CmykToRgbScalar(from + 4 * done, count - done, to + 3 * done);
}

void CmykToRgbScalar(const uint8_t* from, int64_t count, uint8_t* to) {
  for (int64_t i = 0; i < count; ++i) {
    const int black = 255 - from[4 * i + 3];
    for (int s = 0; s < 3; ++s)
      to[3 * i + s] = static_cast<uint8_t>(((255 - from[4 * i + s]) * black + 127) / 255);
  }
}

}  // namespace iiifbench
#endif
