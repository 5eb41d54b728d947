#include "kernels/pixels/dct_quantise.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixels/dct_quantise.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"

#ifndef IIIFBENCH_DCT_TABLES
#define IIIFBENCH_DCT_TABLES
namespace iiifbench {

struct DctTables {
  // basis[8 u + k]: of frequency u at sample k; turned[8 k + u] is the same.
  alignas(64) float basis[64], turned[64];
  alignas(64) float step[64], per_step[64];
};

// Copies an 8x8 block; beyond the picture's end its last samples are repeated.
inline void FillBlock(ConstPixelView from, int x, int y, uint8_t* block) {
  for (int row = 0; row < 8; ++row) {
    const uint8_t* line = from.row(std::min(y + row, from.height - 1));
    for (int column = 0; column < 8; ++column)
      block[8 * row + column] = line[std::min(x + column, from.width - 1)];
  }
}

}  // namespace iiifbench
#endif

HWY_BEFORE_NAMESPACE();
namespace iiifbench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using DF = hn::CappedTag<float, 8>;

// Multiplies and adds apart, in the twin's order, so that every target rounds alike.
template <class V>
HWY_INLINE V Four(const V& a, const V& b, const V& c, const V& d, const float* factors, int step) {
  const DF df;
  auto sum = hn::Mul(a, hn::Set(df, factors[0]));
  sum = hn::Add(sum, hn::Mul(b, hn::Set(df, factors[step])));
  sum = hn::Add(sum, hn::Mul(c, hn::Set(df, factors[2 * step])));
  return hn::Add(sum, hn::Mul(d, hn::Set(df, factors[3 * step])));
}

// Each row becomes its product with `matrix`.
HWY_INLINE void Rows(const float* from, const float* matrix, float* to) {
  const DF df;
  const size_t lanes = hn::Lanes(df);
  for (size_t row = 0; row < 64; row += 8) {
    for (size_t c = 0; c < 8; c += lanes) {
      auto sum = hn::Mul(hn::Set(df, from[row]), hn::Load(df, matrix + c));
#pragma GCC unroll 8
      for (size_t k = 1; k < 8; ++k)
        sum = hn::Add(sum, hn::Mul(hn::Set(df, from[row + k]), hn::Load(df, matrix + 8 * k + c)));
      hn::Store(sum, df, to + row + c);
    }
  }
}

void Block(const uint8_t* from, ptrdiff_t from_stride, uint8_t* to, ptrdiff_t to_stride,
           const DctTables& tables) {
  const DF df;
  const hn::Rebind<int32_t, DF> di;
  const hn::Rebind<uint8_t, DF> du;
  const size_t lanes = hn::Lanes(df);
  alignas(64) float block[64], other[64];
  const auto middle = hn::Set(df, 128.0f);
  auto sample = [&](size_t row, size_t c) HWY_ATTR {
    const auto v = hn::LoadU(du, from + static_cast<ptrdiff_t>(row) * from_stride + c);
    return hn::Sub(hn::ConvertTo(df, hn::PromoteTo(di, v)), middle);
  };
  for (size_t c = 0; c < 8; c += lanes) {
    const auto x0 = sample(0, c), x1 = sample(1, c), x2 = sample(2, c), x3 = sample(3, c),
               x4 = sample(4, c), x5 = sample(5, c), x6 = sample(6, c), x7 = sample(7, c);
    const auto s0 = hn::Add(x0, x7), s1 = hn::Add(x1, x6), s2 = hn::Add(x2, x5),
               s3 = hn::Add(x3, x4);
    const auto d0 = hn::Sub(x0, x7), d1 = hn::Sub(x1, x6), d2 = hn::Sub(x2, x5),
               d3 = hn::Sub(x3, x4);
    for (size_t u = 0; u < 8; u += 2) {
      hn::Store(Four(s0, s1, s2, s3, tables.basis + 8 * u, 1), df, block + 8 * u + c);
      hn::Store(Four(d0, d1, d2, d3, tables.basis + 8 * u + 8, 1), df, block + 8 * u + 8 + c);
    }
  }
  Rows(block, tables.turned, other);
  for (size_t i = 0; i < 64; i += lanes) {
    const auto steps =
        hn::Round(hn::Mul(hn::Load(df, other + i), hn::Load(df, tables.per_step + i)));
    hn::Store(hn::Mul(steps, hn::Load(df, tables.step + i)), df, other + i);
  }
  Rows(other, tables.basis, block);
  auto put = [&](const auto& value, size_t row, size_t c) HWY_ATTR {
    const auto whole = hn::NearestInt(hn::Add(value, middle));
    hn::StoreU(hn::DemoteTo(du, whole), du, to + static_cast<ptrdiff_t>(row) * to_stride + c);
  };
  for (size_t c = 0; c < 8; c += lanes) {
    auto row = [&](size_t u) HWY_ATTR { return hn::Load(df, block + 8 * u + c); };
    const auto c0 = row(0), c1 = row(1), c2 = row(2), c3 = row(3), c4 = row(4), c5 = row(5),
               c6 = row(6), c7 = row(7);
    for (size_t k = 0; k < 4; ++k) {
      const auto even = Four(c0, c2, c4, c6, tables.basis + k, 16),
                 odd = Four(c1, c3, c5, c7, tables.basis + 8 + k, 16);
      put(hn::Add(even, odd), k, c);
      put(hn::Sub(even, odd), 7 - k, c);
    }
  }
}

void Quantise(ConstPixelView from, PixelView to, const DctTables& tables) {
  for (int y = 0; y < from.height; y += 8) {
    for (int x = 0; x < from.width; x += 8) {
      if (x + 8 <= from.width && y + 8 <= from.height) {
        Block(from.row(y) + x, from.stride_bytes, to.row(y) + x, to.stride_bytes, tables);
        continue;
      }
      uint8_t edge[64];
      FillBlock(from, x, y, edge);
      Block(edge, 8, edge, 8, tables);
      for (int row = 0; row < std::min(8, from.height - y); ++row)
        std::memcpy(to.row(y + row) + x, edge + ptrdiff_t{8} * row,
                    static_cast<size_t>(std::min(8, from.width - x)));
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace iiifbench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace iiifbench {
namespace {

DctTables TablesOf(const DctSteps& steps) {
  DctTables out;
  for (size_t u = 0; u < 8; ++u) {
    const double scale = u == 0 ? std::sqrt(1.0 / 8) : 0.5;
    for (size_t k = 0; k < 8; ++k) {
      const double angle = static_cast<double>((2 * k + 1) * u) * std::numbers::pi / 16;
      out.basis[8 * u + k] = out.turned[8 * k + u] = static_cast<float>(scale * std::cos(angle));
    }
  }
  for (size_t i = 0; i < 64; ++i) {
    out.step[i] = std::max<float>(1, steps[i]);
    out.per_step[i] = 1 / out.step[i];
  }
  return out;
}

float FourOf(const float* values, int value_step, const float* factors, int factor_step) {
  float sum = values[0] * factors[0];
  for (int i = 1; i < 4; ++i) sum += values[i * value_step] * factors[i * factor_step];
  return sum;
}

// Each row becomes its product with `matrix`.
void MultiplyRows(const float* from, const float* matrix, float* to) {
  for (int row = 0; row < 8; ++row) {
    for (int c = 0; c < 8; ++c) {
      float sum = from[8 * row] * matrix[c];
      for (int k = 1; k < 8; ++k) sum += from[8 * row + k] * matrix[8 * k + c];
      to[8 * row + c] = sum;
    }
  }
}

void BlockPlainly(const uint8_t* samples, uint8_t* out, const DctTables& tables) {
  float block[64], other[64];
  for (int c = 0; c < 8; ++c) {
    float sums[4], differences[4];
    for (int k = 0; k < 4; ++k) {
      const auto upper = static_cast<float>(samples[8 * k + c] - 128),
                 lower = static_cast<float>(samples[8 * (7 - k) + c] - 128);
      sums[k] = upper + lower, differences[k] = upper - lower;
    }
    for (int u = 0; u < 8; ++u)
      block[8 * u + c] = FourOf(u % 2 == 0 ? sums : differences, 1, tables.basis + 8 * u, 1);
  }
  MultiplyRows(block, tables.turned, other);
  for (int i = 0; i < 64; ++i)
    other[i] = std::nearbyint(other[i] * tables.per_step[i]) * tables.step[i];
  MultiplyRows(other, tables.basis, block);
  for (int c = 0; c < 8; ++c) {
    for (int k = 0; k < 4; ++k) {
      const float even = FourOf(block + c, 16, tables.basis + k, 16),
                  odd = FourOf(block + 8 + c, 16, tables.basis + 8 + k, 16);
      const auto put = [&](float value, int row) {
        out[8 * row + c] =
            static_cast<uint8_t>(std::clamp(std::nearbyint(value + 128), 0.0f, 255.0f));
      };
      put(even + odd, k);
      put(even - odd, 7 - k);
    }
  }
}

}  // namespace

HWY_EXPORT(Quantise);

void QuantiseDct(ConstPixelView from, PixelView to, const DctSteps& steps) {
  IIIFBENCH_CHECK(from.channels == 1 && to.channels == 1 && from.size() == to.size(),
                  "{} to {} channels", from.channels, to.channels);
  HWY_DYNAMIC_DISPATCH(Quantise)(from, to, TablesOf(steps));
}

void QuantiseDctScalar(ConstPixelView from, PixelView to, const DctSteps& steps) {
  const DctTables tables = TablesOf(steps);
  for (int y = 0; y < from.height; y += 8) {
    for (int x = 0; x < from.width; x += 8) {
      uint8_t block[64];
      FillBlock(from, x, y, block);
      BlockPlainly(block, block, tables);
      for (int row = 0; row < std::min(8, from.height - y); ++row)
        for (int column = 0; column < std::min(8, from.width - x); ++column)
          to.row(y + row)[x + column] = block[8 * row + column];
    }
  }
}

}  // namespace iiifbench
#endif
