#include "kernels/pixels/rotate.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixels/rotate.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace iiifbench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// One row backwards, 16 pixels at a time.
template <int kChannels>
void ReverseRow(const uint8_t* HWY_RESTRICT from, uint8_t* HWY_RESTRICT to, int width) {
  int x = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::FixedTag<uint8_t, 16> d;
  HWY_ALIGN static constexpr uint8_t kOrder[16] = {15, 14, 13, 12, 11, 10, 9, 8,
                                                   7,  6,  5,  4,  3,  2,  1, 0};
  const auto order = hn::Load(d, kOrder);
  auto flip = [&](auto v) HWY_ATTR { return hn::TableLookupBytes(v, order); };
  for (; x + 16 <= width; x += 16) {
    const uint8_t* source = from + ptrdiff_t{width - x - 16} * kChannels;
    if constexpr (kChannels == 1) {
      hn::StoreU(flip(hn::LoadU(d, source)), d, to + x);
    } else if constexpr (kChannels == 3) {
      hn::Vec<decltype(d)> r, g, b;
      hn::LoadInterleaved3(d, source, r, g, b);
      hn::StoreInterleaved3(flip(r), flip(g), flip(b), d, to + ptrdiff_t{3} * x);
    } else {
      hn::Vec<decltype(d)> r, g, b, a;
      hn::LoadInterleaved4(d, source, r, g, b, a);
      hn::StoreInterleaved4(flip(r), flip(g), flip(b), flip(a), d, to + ptrdiff_t{4} * x);
    }
  }
#endif
  for (; x < width; ++x) {
    for (int c = 0; c < kChannels; ++c)
      to[x * kChannels + c] = from[(width - 1 - x) * kChannels + c];
  }
}

void ReverseAny(const uint8_t* from, uint8_t* to, int width, int channels) {
  if (channels == 1) return ReverseRow<1>(from, to, width);
  if (channels == 3) return ReverseRow<3>(from, to, width);
  ReverseRow<4>(from, to, width);
}

}  // namespace HWY_NAMESPACE
}  // namespace iiifbench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace iiifbench {

HWY_EXPORT(ReverseAny);

namespace {

// Where pixel (x, y) of the result comes from.
struct Origin {
  int x, y;
};
Origin OriginOf(int x, int y, Size source, Orientation o) {
  int sx = x, sy = y;
  switch (o.quarter_turns) {
    case 1:
      sx = y, sy = source.height - 1 - x;
      break;
    case 2:
      sx = source.width - 1 - x, sy = source.height - 1 - y;
      break;
    case 3:
      sx = source.width - 1 - y, sy = x;
      break;
    default:
      break;
  }
  if (o.mirror) sx = source.width - 1 - sx;
  return {sx, sy};
}

// Quarter turns in blocks, so that both pictures stay in the cache: 32 rows of one are 32 columns
// of the other.
template <int kChannels>
void Turn(ConstPixelView from, PixelView to, Orientation o) {
  constexpr int kBlock = 32;
  for (int top = 0; top < to.height; top += kBlock) {
    for (int left = 0; left < to.width; left += kBlock) {
      for (int y = top; y < std::min(top + kBlock, to.height); ++y) {
        const Origin start = OriginOf(left, y, from.size(), o);
        const Origin next = OriginOf(left + 1, y, from.size(), o);
        const ptrdiff_t step =
            (next.y - start.y) * from.stride_bytes + ptrdiff_t{next.x - start.x} * kChannels;
        const uint8_t* source = from.row(start.y) + ptrdiff_t{start.x} * kChannels;
        uint8_t* target = to.row(y) + ptrdiff_t{left} * kChannels;
        const int count = std::min(kBlock, to.width - left);
        for (int x = 0; x < count; ++x, source += step, target += kChannels)
          std::memcpy(target, source, kChannels);
      }
    }
  }
}

}  // namespace

void Rotate(ConstPixelView from, PixelView to, Orientation o) {
  IIIFBENCH_CHECK(to.size() == Oriented(from.size(), o) && from.channels == to.channels,
                  "{}x{}x{} to {}x{}x{}", from.width, from.height, from.channels, to.width,
                  to.height, to.channels);
  if (o.quarter_turns % 2 == 0) {
    // Mirroring and a half turn cancel along rows.
    const bool backwards = o.mirror != (o.quarter_turns == 2);
    for (int y = 0; y < to.height; ++y) {
      const uint8_t* row = from.row(o.quarter_turns == 2 ? from.height - 1 - y : y);
      if (backwards) {
        HWY_DYNAMIC_DISPATCH(ReverseAny)(row, to.row(y), to.width, to.channels);
      } else {
        std::memcpy(to.row(y), row,
                    static_cast<size_t>(to.width) * static_cast<size_t>(to.channels));
      }
    }
    return;
  }
  if (from.channels == 1) return Turn<1>(from, to, o);
  if (from.channels == 3) return Turn<3>(from, to, o);
  Turn<4>(from, to, o);
}

void RotateScalar(ConstPixelView from, PixelView to, Orientation o) {
  for (int y = 0; y < to.height; ++y) {
    for (int x = 0; x < to.width; ++x) {
      const Origin origin = OriginOf(x, y, from.size(), o);
      for (int c = 0; c < to.channels; ++c)
        to.row(y)[x * to.channels + c] = from.row(origin.y)[origin.x * to.channels + c];
    }
  }
}

}  // namespace iiifbench
#endif
