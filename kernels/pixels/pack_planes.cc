#include "kernels/pixels/pack_planes.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixels/pack_planes.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace iiifbench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Unsigned 8-bit samples: clamp and interleave. Bound by reading 4 bytes per sample.
void PackBytes(const Planes& planes, PixelView out) {
  const hn::ScalableTag<int32_t> wide;
  const hn::Rebind<uint8_t, decltype(wide)> narrow;
  const int lanes = static_cast<int>(hn::Lanes(wide));
  for (int y = 0; y < out.height; ++y) {
    uint8_t* to = out.row(y);
    const int32_t* a = planes.data[0] + y * planes.stride_samples[0];
    int x = 0;
    if (out.channels == 1) {
      for (; x + lanes <= out.width; x += lanes)
        hn::StoreU(hn::DemoteTo(narrow, hn::LoadU(wide, a + x)), narrow, to + x);
      for (; x < out.width; ++x) to[x] = static_cast<uint8_t>(std::clamp(a[x], 0, 255));
      continue;
    }
    const int32_t* b = planes.data[1] + y * planes.stride_samples[1];
    const int32_t* c = planes.data[2] + y * planes.stride_samples[2];
    for (; x + lanes <= out.width; x += lanes) {
      hn::StoreInterleaved3(hn::DemoteTo(narrow, hn::LoadU(wide, a + x)),
                            hn::DemoteTo(narrow, hn::LoadU(wide, b + x)),
                            hn::DemoteTo(narrow, hn::LoadU(wide, c + x)), narrow,
                            to + ptrdiff_t{3} * x);
    }
    for (; x < out.width; ++x) {
      to[3 * x] = static_cast<uint8_t>(std::clamp(a[x], 0, 255));
      to[3 * x + 1] = static_cast<uint8_t>(std::clamp(b[x], 0, 255));
      to[3 * x + 2] = static_cast<uint8_t>(std::clamp(c[x], 0, 255));
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace iiifbench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace iiifbench {

HWY_EXPORT(PackBytes);

void PackPlanes(const Planes& planes, PixelView out) {
  IIIFBENCH_CHECK(out.channels == 1 || out.channels == 3, "{} channels", out.channels);
  IIIFBENCH_CHECK(planes.bits >= 1 && planes.bits <= 16, "{} bits", planes.bits);
  if (planes.bits == 8 && !planes.is_signed) {
    HWY_DYNAMIC_DISPATCH(PackBytes)(planes, out);
  } else {
    PackPlanesScalar(planes, out);
  }
}

void PackPlanesScalar(const Planes& planes, PixelView out) {
  const int top = (1 << planes.bits) - 1;
  const int offset = planes.is_signed ? 1 << (planes.bits - 1) : 0;
  for (int y = 0; y < out.height; ++y) {
    for (int c = 0; c < out.channels; ++c) {
      const auto plane = static_cast<size_t>(c);
      const int32_t* from = planes.data[plane] + y * planes.stride_samples[plane];
      uint8_t* to = out.row(y) + c;
      for (int x = 0; x < out.width; ++x) {
        const int v = std::clamp(from[x] + offset, 0, top);
        to[x * out.channels] =
            static_cast<uint8_t>(planes.bits == 8 ? v : (v * 255 + top / 2) / top);
      }
    }
  }
}

}  // namespace iiifbench
#endif
