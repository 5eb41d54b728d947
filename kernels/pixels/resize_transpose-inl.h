// resize_transpose: small transposes between the two passes of a resize, for each Highway target.
//
// kStripRows rows of samples become columns, so that one weight serves a whole vector of the pass
// across. Blocks of one register each: log2(n) rounds of interleaving, no gather. Included by
// resize.cc only.
#if defined(IIIFBENCH_RESIZE_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef IIIFBENCH_RESIZE_TRANSPOSE_INL_H_
#undef IIIFBENCH_RESIZE_TRANSPOSE_INL_H_
#else
#define IIIFBENCH_RESIZE_TRANSPOSE_INL_H_
#endif

#include <cstring>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace iiifbench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

// Transposes 8 x 8 samples of 16 bits: column j of the rows goes to to[j * kStripRows].
HWY_INLINE void Transpose8(const int16_t* HWY_RESTRICT from, size_t stride,
                           int16_t* HWY_RESTRICT to) {
  const hn::FixedTag<int16_t, 8> d;
  hn::Vec<decltype(d)> a[8], b[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) a[i] = hn::LoadU(d, from + static_cast<size_t>(i) * stride);
#pragma GCC unroll 3
  for (int round = 0; round < 3; ++round) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      b[2 * i] = hn::InterleaveLower(d, a[i], a[i + 4]);
      b[2 * i + 1] = hn::InterleaveUpper(d, a[i], a[i + 4]);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) a[i] = b[i];
  }
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) hn::StoreU(a[i], d, to + ptrdiff_t{i} * kStripRows);
}

// Transposes 16 x 16 bytes: from 16 columns of kStripRows to 16 rows.
HWY_INLINE void Transpose16(const uint8_t* HWY_RESTRICT from, uint8_t* HWY_RESTRICT to,
                            ptrdiff_t stride, int rows) {
  const hn::FixedTag<uint8_t, 16> d;
  hn::Vec<decltype(d)> a[16], b[16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) a[i] = hn::LoadU(d, from + ptrdiff_t{i} * kStripRows);
#pragma GCC unroll 4
  for (int round = 0; round < 4; ++round) {
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
      b[2 * i] = hn::InterleaveLower(d, a[i], a[i + 8]);
      b[2 * i + 1] = hn::InterleaveUpper(d, a[i], a[i + 8]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) a[i] = b[i];
  }
  if (rows == 16) {
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) hn::StoreU(a[i], d, to + i * stride);
    return;
  }
  HWY_ALIGN uint8_t block[16 * 16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) hn::Store(a[i], d, block + ptrdiff_t{16} * i);
  for (int i = 0; i < rows; ++i) std::memcpy(to + i * stride, block + ptrdiff_t{16} * i, 16);
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace iiifbench
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
