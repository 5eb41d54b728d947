#include "kernels/pixels/undo_predictor.h"

#include "kernels/image/result.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixels/undo_predictor.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace iiifbench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Sums 16 bytes with the period kChannels; yields how many of them were done.
template <int kChannels>
int Vectors(const uint8_t* from, uint8_t* to, int bytes) {
#if HWY_TARGET == HWY_SCALAR
  (void)from;
  (void)to;
  (void)bytes;
  return 0;
#else
  constexpr int kStep = kChannels == 1 ? 16 : 15;
  const hn::FixedTag<uint8_t, 16> d;
  // The last pixel of a vector, repeated: what every later sample of the same channel still misses.
  HWY_ALIGN static constexpr uint8_t kLastOne[16] = {15, 15, 15, 15, 15, 15, 15, 15,
                                                     15, 15, 15, 15, 15, 15, 15, 15};
  HWY_ALIGN static constexpr uint8_t kLastThree[16] = {12, 13, 14, 12, 13, 14, 12, 13,
                                                       14, 12, 13, 14, 12, 13, 14, 12};
  const auto last = hn::Load(d, kChannels == 1 ? kLastOne : kLastThree);
  auto carry = hn::Zero(d);
  int i = 0;
  for (; i + 16 <= bytes; i += kStep) {
    auto v = hn::LoadU(d, from + i);
    if constexpr (kChannels == 1) {
      v = hn::Add(v, hn::ShiftLeftBytes<1>(v));
      v = hn::Add(v, hn::ShiftLeftBytes<2>(v));
      v = hn::Add(v, hn::ShiftLeftBytes<4>(v));
      v = hn::Add(v, hn::ShiftLeftBytes<8>(v));
    } else {
      v = hn::Add(v, hn::ShiftLeftBytes<3>(v));
      v = hn::Add(v, hn::ShiftLeftBytes<6>(v));
      v = hn::Add(v, hn::ShiftLeftBytes<12>(v));
    }
    v = hn::Add(v, carry);
    carry = hn::TableLookupBytes(v, last);
    if constexpr (kChannels == 1) {
      hn::StoreU(v, d, to + i);
    } else {
      // The 16th byte belongs to the next step, which still needs its difference when `from` is
      // `to`.
      const uint8_t kept = from[i + 15];
      hn::StoreU(v, d, to + i);
      if (from == to) to[i + 15] = kept;
    }
  }
  return i;
#endif
}

void Sum(const uint8_t* from, uint8_t* to, int width, int channels) {
  const int bytes = width * channels;
  int i = channels == 1 ? Vectors<1>(from, to, bytes) : Vectors<3>(from, to, bytes);
  for (; i < bytes; ++i)
    to[i] = static_cast<uint8_t>(from[i] + (i >= channels ? to[i - channels] : 0));
}

}  // namespace HWY_NAMESPACE
}  // namespace iiifbench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace iiifbench {

HWY_EXPORT(Sum);

void UndoPredictor(const uint8_t* from, uint8_t* to, int width, int channels) {
  IIIFBENCH_CHECK(channels == 1 || channels == 3, "{} channels", channels);
  HWY_DYNAMIC_DISPATCH(Sum)(from, to, width, channels);
}

void UndoPredictorScalar(const uint8_t* from, uint8_t* to, int width, int channels) {
  for (int i = 0; i < width * channels; ++i) {
    to[i] = static_cast<uint8_t>(from[i] + (i >= channels ? to[i - channels] : 0));
  }
}

}  // namespace iiifbench
#endif
