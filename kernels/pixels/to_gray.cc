#include "kernels/pixels/to_gray.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixels/to_gray.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace iiifbench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// 0.299, 0.587 and 0.114 in 1/65536; they sum to 65536, so white stays white. With 16-bit high
// halves only, the twin's rounding would be missed; 32-bit sums keep it exact. Bound: reading 3
// bytes per pixel.
constexpr int kRed = 19595, kGreen = 38470, kBlue = 7471;

void Gray(ConstPixelView rgb, PixelView gray) {
  const hn::ScalableTag<int32_t> d32;
  const hn::Rebind<uint8_t, decltype(d32)> d8;
  const int lanes = static_cast<int>(hn::Lanes(d32));
  const auto half = hn::Set(d32, 1 << 15), red = hn::Set(d32, kRed), green = hn::Set(d32, kGreen),
             blue = hn::Set(d32, kBlue);
  for (int y = 0; y < rgb.height; ++y) {
    const uint8_t* from = rgb.row(y);
    uint8_t* to = gray.row(y);
    int x = 0;
    for (; x + lanes <= rgb.width; x += lanes) {
      hn::Vec<decltype(d8)> r, g, b;
      hn::LoadInterleaved3(d8, from + ptrdiff_t{3} * x, r, g, b);
      auto sum = hn::Add(half, hn::Mul(hn::PromoteTo(d32, r), red));
      sum = hn::Add(sum, hn::Mul(hn::PromoteTo(d32, g), green));
      sum = hn::Add(sum, hn::Mul(hn::PromoteTo(d32, b), blue));
      hn::StoreU(hn::DemoteTo(d8, hn::ShiftRight<16>(sum)), d8, to + x);
    }
    for (; x < rgb.width; ++x) {
      const uint8_t* p = from + ptrdiff_t{3} * x;
      to[x] = static_cast<uint8_t>((kRed * p[0] + kGreen * p[1] + kBlue * p[2] + (1 << 15)) >> 16);
    }
  }
}

void Bitonal(PixelView gray) {
  const hn::ScalableTag<uint8_t> d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const auto threshold = hn::Set(d, 127), white = hn::Set(d, 255), black = hn::Zero(d);
  for (int y = 0; y < gray.height; ++y) {
    uint8_t* row = gray.row(y);
    int x = 0;
    for (; x + lanes <= gray.width; x += lanes) {
      const auto v = hn::LoadU(d, row + x);
      hn::StoreU(hn::IfThenElse(hn::Gt(v, threshold), white, black), d, row + x);
    }
    for (; x < gray.width; ++x) row[x] = row[x] > 127 ? 255 : 0;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace iiifbench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace iiifbench {

HWY_EXPORT(Gray);
HWY_EXPORT(Bitonal);

void ToGray(ConstPixelView rgb, PixelView gray) {
  IIIFBENCH_CHECK(rgb.channels == 3 && gray.channels == 1 && rgb.size() == gray.size(),
                  "{} to {} channels", rgb.channels, gray.channels);
  HWY_DYNAMIC_DISPATCH(Gray)(rgb, gray);
}

void ToGrayScalar(ConstPixelView rgb, PixelView gray) {
  for (int y = 0; y < rgb.height; ++y) {
    for (int x = 0; x < rgb.width; ++x) {
      const uint8_t* p = rgb.row(y) + ptrdiff_t{3} * x;
      gray.row(y)[x] =
          static_cast<uint8_t>((19595 * p[0] + 38470 * p[1] + 7471 * p[2] + 32768) / 65536);
    }
  }
}

void ToBitonal(PixelView gray) {
  IIIFBENCH_CHECK(gray.channels == 1, "{} channels", gray.channels);
  HWY_DYNAMIC_DISPATCH(Bitonal)(gray);
}

void ToBitonalScalar(PixelView gray) {
  for (int y = 0; y < gray.height; ++y) {
    for (int x = 0; x < gray.width; ++x) gray.row(y)[x] = gray.row(y)[x] >= 128 ? 255 : 0;
  }
}

}  // namespace iiifbench
#endif
