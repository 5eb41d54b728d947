#include "kernels/codecs/jp2/ht/wavelet.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/codecs/jp2/ht/wavelet.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"

#ifndef IIIFBENCH_JP2_WAVELET_ONCE
#define IIIFBENCH_JP2_WAVELET_ONCE
namespace iiifbench::jp2 {
namespace {

// T.800 table F.4; the steps in the order of the inverse.
constexpr float kK = 1.230174104914001F;
constexpr float kSteps[] = {-0.443506852043971F, -0.882911075530934F, 0.052980118572961F,
                            1.586134342059924F};

constexpr int64_t kFront = 16;     // words of room before and behind a run
constexpr int64_t kColumns = 128;  // lifted together

// Where the sample at `at` outside of [from, to), at least two, is found inside.
inline int64_t Mirror(int64_t at, const Range& r) {
  while (at < r.from || at >= r.to) at = at < r.from ? 2 * r.from - at : 2 * (r.to - 1) - at;
  return at;
}

// What multiplies low and high samples along an axis before lifting (9/7); an axis of one sample
// has no lifting (T.800 F.3.6).
struct Gains {
  float low = kK, high = 1 / kK;
};
inline Gains GainsOf(const Range& range) { return range.size() == 1 ? Gains{1.0F, 0.5F} : Gains{}; }

}  // namespace
}  // namespace iiifbench::jp2
#endif

HWY_BEFORE_NAMESPACE();
namespace iiifbench::jp2 {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Int = hn::ScalableTag<int32_t>;
using Float = hn::ScalableTag<float>;

// to[i] = from[i] * gain for 9/7, a copy for 5/3.
void Fill(const int32_t* from, int64_t count, bool reversible, float gain, int32_t* to) {
  if (count <= 0) return;
  if (reversible || gain == 1.0F) {
    std::memcpy(to, from, static_cast<size_t>(count) * sizeof(int32_t));
    return;
  }
  const Int di;
  const Float df;
  const auto lanes = static_cast<int64_t>(hn::Lanes(di));
  const auto by = hn::Set(df, gain);
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    hn::StoreU(hn::BitCast(di, hn::Mul(hn::BitCast(df, hn::LoadU(di, from + i)), by)), di, to + i);
  for (; i < count; ++i) {
    float v = 0;
    std::memcpy(&v, from + i, sizeof(v));
    v *= gain;
    std::memcpy(to + i, &v, sizeof(v));
  }
}

// One lifting step: to[i] += f(a[i] + b[i]), whole vectors.
//   5/3: step 0 subtracts (a + b + 2) >> 2, step 1 adds (a + b) >> 1. 9/7: kSteps[step] (a + b).
template <bool kReversible>
HWY_INLINE void Lift(const int32_t* a, const int32_t* b, int64_t count, int step, int32_t* to) {
  const Int di;
  const Float df;
  const auto lanes = static_cast<int64_t>(hn::Lanes(di));
  if constexpr (kReversible) {
    if (step == 0) {
      const auto two = hn::Set(di, 2);
      for (int64_t i = 0; i < count; i += lanes) {
        const auto sum = hn::Add(hn::Add(hn::LoadU(di, a + i), hn::LoadU(di, b + i)), two);
        hn::StoreU(hn::Sub(hn::LoadU(di, to + i), hn::ShiftRight<2>(sum)), di, to + i);
      }
    } else {
      for (int64_t i = 0; i < count; i += lanes) {
        const auto sum = hn::Add(hn::LoadU(di, a + i), hn::LoadU(di, b + i));
        hn::StoreU(hn::Add(hn::LoadU(di, to + i), hn::ShiftRight<1>(sum)), di, to + i);
      }
    }
  } else {
    const auto by = hn::Set(df, kSteps[step]);
    for (int64_t i = 0; i < count; i += lanes) {
      const auto sum =
          hn::Add(hn::BitCast(df, hn::LoadU(di, a + i)), hn::BitCast(df, hn::LoadU(di, b + i)));
      const auto v = hn::MulAdd(sum, by, hn::BitCast(df, hn::LoadU(di, to + i)));
      hn::StoreU(hn::BitCast(di, v), di, to + i);
    }
  }
}

// A row: low and high samples of [x.from, x.to) become interleaved ones; column 2 floor(x.from / 2)
// is row[0].
template <bool kReversible>
void SynthesizeRow(const int32_t* low, float low_gain, const int32_t* high, float high_gain,
                   const Range& x, WaveletScratch& scratch, int32_t* row) {
  const int64_t first = x.from >> 1, pairs = ((x.to + 1) >> 1) - first;
  const int64_t lows = ((x.to + 1) >> 1) - ((x.from + 1) >> 1), highs = (x.to >> 1) - (x.from >> 1);
  int32_t* even = scratch.even.data() + kFront;  // even[i]: column 2 (first + i)
  int32_t* odd = scratch.odd.data() + kFront;
  Fill(low, lows, kReversible, low_gain, even + (x.from & 1));
  Fill(high, highs, kReversible, high_gain, odd);
  if (x.size() == 1) {
    row[x.from & 1] = (x.from & 1) == 0 ? even[0] : kReversible ? odd[0] / 2 : odd[0];
    return;
  }
  for (int64_t i = 1; i <= 4; ++i) {
    for (const int64_t at : {x.from - i, x.to - 1 + i}) {
      const int64_t inside = Mirror(at, x);
      if ((at & 1) == 0) {
        even[(at >> 1) - first] = even[(inside >> 1) - first];
      } else {
        odd[(at >> 1) - first] = odd[(inside >> 1) - first];
      }
    }
  }
  // Two pairs more on each side than are wanted, so that each step finds what the one before left.
  const int64_t count = pairs + 4;
  even -= 2, odd -= 2;
  for (int step = 0; step < (kReversible ? 2 : 4); step += 2) {
    Lift<kReversible>(odd - 1, odd, count, step, even);
    Lift<kReversible>(even, even + 1, count, step + 1, odd);
  }
  even += 2, odd += 2;
  const Int di;
  const auto lanes = static_cast<int64_t>(hn::Lanes(di));
  for (int64_t i = 0; i < pairs; i += lanes)
    hn::StoreInterleaved2(hn::LoadU(di, even + i), hn::LoadU(di, odd + i), di, row + 2 * i);
}

// Columns of the strip, whose rows are y.
template <bool kReversible>
void SynthesizeColumns(const Range& y, int64_t width, ptrdiff_t stride, int32_t* strip) {
  if (y.size() == 1) {
    if (kReversible && (y.from & 1) != 0)
      for (int64_t x = 0; x < width; ++x) strip[x] /= 2;
    return;
  }
  const auto row = [&](int64_t at) { return strip + (Mirror(at, y) - y.from) * stride; };
  for (int64_t x = 0; x < width; x += kColumns) {
    const int64_t count = std::min(kColumns, width - x);
    for (int step = 0; step < (kReversible ? 2 : 4); ++step)
      for (int64_t at = y.from + ((y.from ^ step) & 1); at < y.to; at += 2)
        Lift<kReversible>(row(at - 1) + x, row(at + 1) + x, count, step, row(at) + x);
  }
}

template <bool kReversible>
Strip SynthesizeStrip(const Level& level, const Rect& part, WaveletScratch& scratch) {
  const Rect wide = WithMargin(part, level.all, kReversible);
  const int64_t width = wide.x.to - (wide.x.from & ~int64_t{1});
  // An odd number of cache lines, so that the rows of a column block do not share a few sets.
  const ptrdiff_t stride = ((width + 63) / 16) | 1;
  const size_t needed = static_cast<size_t>(stride) * 16 * static_cast<size_t>(wide.y.size());
  if (scratch.strip.size() < needed) scratch.strip.resize(needed);
  const auto run = static_cast<size_t>(width / 2 + 4 * kFront);
  if (scratch.even.size() < run) scratch.even.resize(run), scratch.odd.resize(run);
  const Gains across = GainsOf(wide.x), down = GainsOf(wide.y);
  const int64_t left = wide.x.from & ~int64_t{1};
  for (int64_t y = wide.y.from; y < wide.y.to; ++y) {
    const size_t pair = (y & 1) == 0 ? 0 : 2;
    const auto at = [&](const Samples& s, int64_t x) {
      if (s.rect.empty()) return s.first;  // an axis of one sample has low or high ones
      return s.first + ((y >> 1) - s.rect.y.from) * s.stride + (x - s.rect.x.from);
    };
    const float gain = pair == 0 ? down.low : down.high;
    SynthesizeRow<kReversible>(at(level.bands[pair], (wide.x.from + 1) >> 1), gain * across.low,
                               at(level.bands[pair + 1], wide.x.from >> 1), gain * across.high,
                               wide.x, scratch,
                               scratch.strip.data() + (y - wide.y.from) * stride * 16);
  }
  SynthesizeColumns<kReversible>(wide.y, width, stride * 16, scratch.strip.data());
  return {scratch.strip.data() + (part.y.from - wide.y.from) * stride * 16 + (part.x.from - left),
          stride * 16};
}

Strip SynthesizeAny(const Level& level, const Rect& part, WaveletScratch& scratch) {
  return level.reversible ? SynthesizeStrip<true>(level, part, scratch)
                          : SynthesizeStrip<false>(level, part, scratch);
}

void UndoColourAny(std::array<int32_t*, 3> planes, int components, ptrdiff_t stride, int width,
                   int height, bool reversible, bool transform, int32_t offset) {
  const Int di;
  const Float df;
  const int lanes = static_cast<int>(hn::Lanes(di));
  const auto shift = hn::Set(di, offset);
  for (int y = 0; y < height; ++y) {
    int32_t* a = planes[0] + y * stride;
    if (!transform || components < 3) {
      for (int c = 0; c < components; ++c) {
        int32_t* row = planes[static_cast<size_t>(c)] + y * stride;
        for (int x = 0; x < width; x += lanes) {
          auto v = hn::LoadU(di, row + x);
          if (!reversible) v = hn::NearestInt(hn::BitCast(df, v));
          hn::StoreU(hn::Add(v, shift), di, row + x);
        }
      }
      continue;
    }
    int32_t* b = planes[1] + y * stride;
    int32_t* c = planes[2] + y * stride;
    for (int x = 0; x < width; x += lanes) {
      const auto luma = hn::LoadU(di, a + x), blue = hn::LoadU(di, b + x),
                 red = hn::LoadU(di, c + x);
      if (reversible) {
        const auto green = hn::Add(hn::Sub(luma, hn::ShiftRight<2>(hn::Add(blue, red))), shift);
        hn::StoreU(hn::Add(red, green), di, a + x);
        hn::StoreU(green, di, b + x);
        hn::StoreU(hn::Add(blue, green), di, c + x);
      } else {
        const auto l = hn::BitCast(df, luma), cb = hn::BitCast(df, blue), cr = hn::BitCast(df, red);
        const auto r = hn::MulAdd(cr, hn::Set(df, 1.402F), l);
        const auto g =
            hn::MulAdd(cr, hn::Set(df, -0.714136F), hn::MulAdd(cb, hn::Set(df, -0.344136F), l));
        const auto bl = hn::MulAdd(cb, hn::Set(df, 1.772F), l);
        hn::StoreU(hn::Add(hn::NearestInt(r), shift), di, a + x);
        hn::StoreU(hn::Add(hn::NearestInt(g), shift), di, b + x);
        hn::StoreU(hn::Add(hn::NearestInt(bl), shift), di, c + x);
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace iiifbench::jp2
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace iiifbench::jp2 {

HWY_EXPORT(SynthesizeAny);
HWY_EXPORT(UndoColourAny);

Strip Synthesize(const Level& level, const Rect& part, WaveletScratch& scratch) {
  return HWY_DYNAMIC_DISPATCH(SynthesizeAny)(level, part, scratch);
}

void UndoColour(std::array<int32_t*, 3> planes, int components, ptrdiff_t stride, int width,
                int height, bool reversible, bool transform, int32_t offset) {
  HWY_DYNAMIC_DISPATCH(UndoColourAny)
  (planes, components, stride, width, height, reversible, transform, offset);
}

namespace {

// One row or column by T.800 F.3.6: `line` is interleaved and begins at range.from.
template <typename T>
void SynthesizeLine(std::vector<T>& line, const Range& range) {
  constexpr bool kReversible = std::is_same_v<T, int32_t>;
  const auto at = [&](int64_t i) -> T& {
    return line[static_cast<size_t>(Mirror(i, range) - range.from)];
  };
  const Gains gains = GainsOf(range);
  if constexpr (!kReversible)
    for (int64_t i = range.from; i < range.to; ++i)
      line[static_cast<size_t>(i - range.from)] *= (i & 1) == 0 ? gains.low : gains.high;
  if (range.size() == 1) {
    if constexpr (kReversible)
      if ((range.from & 1) != 0) line[0] /= 2;
    return;
  }
  for (int step = 0; step < (kReversible ? 2 : 4); ++step) {
    for (int64_t i = range.from + ((range.from ^ step) & 1); i < range.to; i += 2) {
      const T sum = at(i - 1) + at(i + 1);
      if constexpr (kReversible) {
        at(i) += step == 0 ? -((sum + 2) >> 2) : sum >> 1;
      } else {
        at(i) += kSteps[step] * sum;
      }
    }
  }
}

template <typename T>
Strip SynthesizeByTheLetter(const Level& level, const Rect& part, WaveletScratch& scratch) {
  const Rect wide = WithMargin(part, level.all, level.reversible);
  const auto width = static_cast<size_t>(wide.x.size()),
             height = static_cast<size_t>(wide.y.size());
  std::vector<std::vector<T>> rows(height, std::vector<T>(width));
  for (int64_t y = wide.y.from; y < wide.y.to; ++y) {
    std::vector<T>& row = rows[static_cast<size_t>(y - wide.y.from)];
    for (int64_t x = wide.x.from; x < wide.x.to; ++x) {
      const Samples& band = level.bands[static_cast<size_t>((x & 1) + 2 * (y & 1))];
      std::memcpy(
          &row[static_cast<size_t>(x - wide.x.from)],
          band.first + ((y >> 1) - band.rect.y.from) * band.stride + ((x >> 1) - band.rect.x.from),
          sizeof(T));
    }
    SynthesizeLine(row, wide.x);
  }
  for (size_t x = 0; x < width; ++x) {
    std::vector<T> column(height);
    for (size_t y = 0; y < height; ++y) column[y] = rows[y][x];
    SynthesizeLine(column, wide.y);
    for (size_t y = 0; y < height; ++y) rows[y][x] = column[y];
  }
  scratch.strip.resize(width * height);
  for (size_t y = 0; y < height; ++y)
    std::memcpy(scratch.strip.data() + y * width, rows[y].data(), width * sizeof(T));
  const auto stride = static_cast<ptrdiff_t>(width);
  return {scratch.strip.data() + (part.y.from - wide.y.from) * stride + (part.x.from - wide.x.from),
          stride};
}

}  // namespace

Strip SynthesizeScalar(const Level& level, const Rect& part, WaveletScratch& scratch) {
  return level.reversible ? SynthesizeByTheLetter<int32_t>(level, part, scratch)
                          : SynthesizeByTheLetter<float>(level, part, scratch);
}

void UndoColourScalar(std::array<int32_t*, 3> planes, int components, ptrdiff_t stride, int width,
                      int height, bool reversible, bool transform, int32_t offset) {
  for (int64_t i = 0; i < int64_t{width} * height; ++i) {
    const ptrdiff_t at = i / width * stride + i % width;
    std::array<int32_t, 3> in{};
    std::array<float, 3> real{};
    for (size_t c = 0; c < static_cast<size_t>(components); ++c) {
      in[c] = planes[c][at];
      std::memcpy(&real[c], &in[c], sizeof(float));
    }
    // Of floats' bits the integer transform would overflow.
    if (transform && components == 3 && reversible) {
      const int32_t green = in[0] - ((in[1] + in[2]) >> 2);
      in = {in[2] + green, green, in[1] + green};
    } else if (transform && components == 3) {
      real = {real[0] + 1.402F * real[2], real[0] - 0.344136F * real[1] - 0.714136F * real[2],
              real[0] + 1.772F * real[1]};
    }
    for (size_t c = 0; c < static_cast<size_t>(components); ++c)
      planes[c][at] = offset + (reversible ? in[c] : static_cast<int32_t>(std::lround(real[c])));
  }
}

}  // namespace iiifbench::jp2
#endif
