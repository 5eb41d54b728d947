// Why it is fast. The picture is taken in blocks of 32 output rows by some hundred source columns
// that stay in L2: first down (rows are contiguous, so taps are plain loads), into 16 bits of which
// 6 are fraction; then the block is turned so that 32 rows lie side by side, and the pass across is
// the same multiply-and-add of neighbouring vectors with one weight for a whole vector, for any
// ratio and number of channels, without a single shuffle of pixels; then it is turned back. Bound:
// reading the source once; for wide filters the multiply-adds of the pass down, two per source byte
// and output row. Tried without gain: four output rows together in place of two (24 Mpx to 800
// wide: 0.78 as fast as one row at a time for bicubic and 0.95 for lanczos3, where two are 1.17
// and 1.34; not profiled why), smaller chunks that fit L2 whole, four rows interleaved once and
// multiplied by dot products of four bytes (AVX-512 VNNI, weights in two bytes: 24 Mpx to 1.5 Mpx
// lanczos3 1.04, bicubic 0.9, triangle 0.8 times as fast, 1024 to 512 1.1 to 1.2): believed, not
// profiled, that the multiplies bind.
#include "kernels/pixels/resize.h"

#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/image/parallel.h"
#include "kernels/image/reused.h"
#include "kernels/pixels/resize_box.h"
#include "kernels/pixels/resize_weights.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixels/resize.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"

#ifndef IIIFBENCH_RESIZE_ONCE
#define IIIFBENCH_RESIZE_ONCE
namespace iiifbench {

constexpr int kStripRows = 32;
constexpr int kFractionBits = 6;  // of the 16-bit intermediate
constexpr int kChunkSamples = 8192;

// Everything of one resize that does not change from strip to strip.
struct ResizeJob {
  ConstPixelView source;
  PixelView out;
  const PairedTaps* down;
  const FixedTaps* across;
};

// Buffers of one thread.
struct ResizeScratch {
  hwy::AlignedFreeUniquePtr<int16_t[]> rows, turned;
  hwy::AlignedFreeUniquePtr<uint8_t[]> result;
  std::vector<const uint8_t*> source_rows, fresh, padded_rows;  // of the pass down
  std::vector<uint8_t> padded;
  size_t row_samples = 0, out_samples = 0;
  void PoisonAll() {
    const auto fill = [](auto* kept, size_t samples) {
      Poison({reinterpret_cast<uint8_t*>(kept), samples * kStripRows * sizeof *kept});
    };
    fill(rows.get(), row_samples);
    fill(turned.get(), row_samples);
    fill(result.get(), out_samples);
    Poison(padded);
  }
  void Reserve(size_t samples, size_t outputs) {
    if (samples > row_samples) {
      row_samples = samples;
      rows = hwy::AllocateAligned<int16_t>(samples * kStripRows);
      turned = hwy::AllocateAligned<int16_t>(samples * kStripRows);
    }
    if (outputs > out_samples) {
      out_samples = outputs;
      result = hwy::AllocateAligned<uint8_t>(outputs * kStripRows);
    }
  }
};

}  // namespace iiifbench
#endif

#include "kernels/pixels/resize_down-inl.h"
#include "kernels/pixels/resize_transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace iiifbench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

// The pass across for output pixels [first, last): every vector holds the same column of several
// rows.
template <int kChannels>
HWY_INLINE void Across(const ResizeJob& job, int first, int last, int base,
                       const int16_t* HWY_RESTRICT turned, uint8_t* HWY_RESTRICT result) {
  const hn::CappedTag<int16_t, kStripRows> d16;
  const hn::Repartition<int32_t, decltype(d16)> d32;
  const hn::Rebind<uint8_t, decltype(d16)> d8;
  const int lanes = static_cast<int>(hn::Lanes(d16));
  constexpr int kShift = kWeightBits + kFractionBits;
  const auto half = hn::Set(d32, 1 << (kShift - 1));
  const int taps = job.across->count;
  for (int p = first; p < last; ++p) {
    const int16_t* column = turned + ptrdiff_t{job.across->start[static_cast<size_t>(p)] - base} *
                                         kChannels * kStripRows;
    const int16_t* weights =
        &job.across->weights[static_cast<size_t>(p) * static_cast<size_t>(taps)];
    for (int r = 0; r < kStripRows; r += lanes) {
      hn::Vec<decltype(d32)> low[kChannels], high[kChannels];
#pragma GCC unroll 4
      for (int c = 0; c < kChannels; ++c) low[c] = high[c] = half;
      auto unused = hn::Zero(d32);
      const int16_t* at = column + r;
      for (int k = 0; k < taps; k += 2) {
        const auto w = Pair(d16, weights + k);
#pragma GCC unroll 4
        for (int c = 0; c < kChannels; ++c) {
          const auto a = hn::Load(d16, at + ptrdiff_t{c} * kStripRows);
          const auto b = hn::Load(d16, at + ptrdiff_t{c + kChannels} * kStripRows);
          low[c] =
              hn::ReorderWidenMulAccumulate(d32, hn::InterleaveLower(d16, a, b), w, low[c], unused);
          high[c] = hn::ReorderWidenMulAccumulate(d32, hn::InterleaveUpper(d16, a, b), w, high[c],
                                                  unused);
        }
        at += ptrdiff_t{2} * kChannels * kStripRows;
      }
#pragma GCC unroll 4
      for (int c = 0; c < kChannels; ++c) {
        const auto v = hn::ReorderDemote2To(d16, hn::ShiftRight<kShift>(low[c]),
                                            hn::ShiftRight<kShift>(high[c]));
        hn::StoreU(hn::DemoteTo(d8, v), d8,
                   result + (ptrdiff_t{p - first} * kChannels + c) * kStripRows + r);
      }
    }
  }
}

template <int kChannels>
void StripOf(const ResizeJob& job, int top, int rows, ResizeScratch& scratch) {
  const int out_width = job.out.width, taps = job.across->count;
  const std::vector<int>& start = job.across->start;
  for (int first = 0; first < out_width;) {
    // As many output pixels as fit the chunk, at least one.
    const int base = start[static_cast<size_t>(first)];
    int last = first + 1;
    while (last < out_width &&
           (start[static_cast<size_t>(last)] + taps - base) * kChannels <=
               std::max(kChunkSamples, (taps + 1) * kChannels) &&
           (last - first) * kChannels < kChunkSamples) {
      ++last;
    }
    const int end = start[static_cast<size_t>(last - 1)] + taps;
    const int inside = std::min(end, job.source.width);
    const int samples = (inside - base) * kChannels;
    // Whole vectors are stored, so a row is padded to the widest.
    const size_t stride = (static_cast<size_t>(end - base) * kChannels + 63) / 64 * 64 + 64;
    const size_t out_samples = static_cast<size_t>(last - first) * kChannels;
    scratch.Reserve(stride, out_samples + 16);
    Down(job, top, rows, base * kChannels, samples, scratch, stride);
    // Padding taps beyond the picture have weight 0; their columns must only be readable.
    const auto block = static_cast<size_t>(DownBlock());
    const size_t used = (static_cast<size_t>(samples) + block - 1) / block * block,
                 needed = static_cast<size_t>(end - base) * kChannels;
    for (size_t x = 0; x < used; x += block) {
      for (int i = 0; i < static_cast<int>(block / 8); ++i) {
        int16_t* column =
            scratch.turned.get() + (x + 8 * static_cast<size_t>(StoredOctet(i))) * kStripRows;
        for (int r = 0; r < rows; r += 8) {
          Transpose8(
              scratch.rows.get() + static_cast<size_t>(r) * stride + x + 8 * static_cast<size_t>(i),
              stride, column + r);
        }
      }
    }
    if (needed > used)
      std::memset(scratch.turned.get() + used * kStripRows, 0,
                  (needed - used) * kStripRows * sizeof(int16_t));
    Across<kChannels>(job, first, last, base, scratch.turned.get(), scratch.result.get());
    for (int r = 0; r < rows; r += 16) {
      const int count = std::min(16, rows - r);
      uint8_t* to = job.out.row(top + r) + ptrdiff_t{first} * kChannels;
      size_t x = 0;
      for (; x + 16 <= out_samples; x += 16)
        Transpose16(scratch.result.get() + x * kStripRows + r, to + x, job.out.stride_bytes, count);
      if (x < out_samples) {
        HWY_ALIGN uint8_t block[16 * 16];
        Transpose16(scratch.result.get() + x * kStripRows + r, block, 16, 16);
        for (int i = 0; i < count; ++i)
          std::memcpy(to + i * job.out.stride_bytes + x, block + ptrdiff_t{16} * i,
                      out_samples - x);
      }
    }
    first = last;
  }
}

#else

template <int kChannels>
void StripOf(const ResizeJob& job, int top, int rows, ResizeScratch& scratch) {
  const int samples = job.source.width * kChannels;
  scratch.Reserve(static_cast<size_t>(samples), 1);
  int16_t* row = scratch.rows.get();
  for (int r = 0; r < rows; ++r) {
    const auto y = static_cast<size_t>(top + r);
    for (int x = 0; x < samples; ++x) {
      int sum = 1 << (kWeightBits - kFractionBits - 1);
      for (int q = job.down->first[y]; q < job.down->last[y]; ++q) {
        const int16_t* weights =
            &job.down->weights[2 * (y * static_cast<size_t>(job.down->stride) +
                                    static_cast<size_t>(q - job.down->first[y]))];
        for (int k = 0; k < 2; ++k) {
          const int from = std::clamp(2 * q + k - job.down->offset, 0, job.source.height - 1);
          sum += weights[k] * job.source.row(from)[x];
        }
      }
      row[x] = static_cast<int16_t>(sum >> (kWeightBits - kFractionBits));
    }
    uint8_t* to = job.out.row(top + r);
    for (int p = 0; p < job.out.width; ++p) {
      const auto slot = static_cast<size_t>(p);
      for (int c = 0; c < kChannels; ++c) {
        int sum = 1 << (kWeightBits + kFractionBits - 1);
        for (int k = 0; k < job.across->count; ++k) {
          sum += job.across->weights[slot * static_cast<size_t>(job.across->count) +
                                     static_cast<size_t>(k)] *
                 row[std::min(job.across->start[slot] + k, job.source.width - 1) * kChannels + c];
        }
        to[p * kChannels + c] =
            static_cast<uint8_t>(std::clamp(sum >> (kWeightBits + kFractionBits), 0, 255));
      }
    }
  }
}

#endif

void Strip(const ResizeJob& job, int top, int rows, ResizeScratch& scratch) {
  switch (job.source.channels) {
    case 1:
      return StripOf<1>(job, top, rows, scratch);
    case 3:
      return StripOf<3>(job, top, rows, scratch);
    default:
      return StripOf<4>(job, top, rows, scratch);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace iiifbench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace iiifbench {

HWY_EXPORT(Strip);

namespace {

void CheckShapes(ConstPixelView source, const Window& window, PixelView out) {
  IIIFBENCH_CHECK(source.channels == out.channels &&
                      (out.channels == 1 || out.channels == 3 || out.channels == 4),
                  "{} to {} channels", source.channels, out.channels);
  IIIFBENCH_CHECK(out.width >= 1 && out.height >= 1 && source.width >= 1 && source.height >= 1,
                  "empty picture");
  IIIFBENCH_CHECK(window.x > -1 && window.y > -1 && window.width > 0 && window.height > 0 &&
                      window.x + window.width < source.width + 1 &&
                      window.y + window.height < source.height + 1,
                  "window {},{},{},{} of {}x{}", window.x, window.y, window.width, window.height,
                  source.width, source.height);
}

bool IsCopy(const Window& window, PixelView out) {
  return window.width == out.width && window.height == out.height &&
         window.x == std::floor(window.x) && window.y == std::floor(window.y);
}

// The whole number of pixels that make one of the answer in both directions; 0 when there is none.
int BoxFactor(const Window& window, PixelView out) {
  const double factor = window.width / out.width;
  const bool whole = window.x >= 0 && window.y >= 0 && window.x == std::floor(window.x) &&
                     window.y == std::floor(window.y) && factor == std::floor(factor);
  return whole && window.height == factor * out.height ? static_cast<int>(factor) : 0;
}

void Nearest(ConstPixelView source, const Window& window, PixelView out) {
  const Taps down = MakeTaps(Filter::kNearest, window.y, window.height, source.height, out.height);
  const Taps across = MakeTaps(Filter::kNearest, window.x, window.width, source.width, out.width);
  for (int y = 0; y < out.height; ++y) {
    const uint8_t* from = source.row(down.start[static_cast<size_t>(y)]);
    uint8_t* to = out.row(y);
    for (int x = 0; x < out.width; ++x) {
      std::memcpy(to + ptrdiff_t{x} * out.channels,
                  from + ptrdiff_t{across.start[static_cast<size_t>(x)]} * out.channels,
                  static_cast<size_t>(out.channels));
    }
  }
}

}  // namespace

void Resize(ConstPixelView source, const Window& window, PixelView out,
            const ResizeOptions& options) {
  CheckShapes(source, window, out);
  if (IsCopy(window, out) && window.x >= 0 && window.y >= 0) {
    CopyPixels(source.crop(
                   {static_cast<int>(window.x), static_cast<int>(window.y), out.width, out.height}),
               out);
    return;
  }
  if (options.filter == Filter::kNearest) return Nearest(source, window, out);
  const int strips = (out.height + kStripRows - 1) / kStripRows;
  const int factor = BoxFactor(window, out);
  if (options.filter == Filter::kBox && IsIntegerBox(factor)) {
    const auto part = source.crop({static_cast<int>(window.x), static_cast<int>(window.y),
                                   factor * out.width, factor * out.height});
    auto done = ForEachPiece(strips, options.threads, [&](int strip) -> Result<void> {
      const int top = strip * kStripRows;
      IntegerBox(part, out, factor, top, std::min(kStripRows, out.height - top));
      return {};
    });
    IIIFBENCH_CHECK(done.ok(), "a strip cannot fail");
    return;
  }
  const PairedTaps down = ToPairs(
      ToFixed(MakeTaps(options.filter, window.y, window.height, source.height, out.height)));
  const FixedTaps across =
      ToFixed(MakeTaps(options.filter, window.x, window.width, source.width, out.width));
  const ResizeJob job{source, out, &down, &across};
  auto done = ForEachPiece(strips, options.threads, [&](int strip) -> Result<void> {
    static thread_local ResizeScratch scratch;
    scratch.PoisonAll();
    const int top = strip * kStripRows;
    HWY_DYNAMIC_DISPATCH(Strip)(job, top, std::min(kStripRows, out.height - top), scratch);
    return {};
  });
  IIIFBENCH_CHECK(done.ok(), "a strip cannot fail");
}

void ResizeScalar(ConstPixelView source, const Window& window, PixelView out, Filter filter) {
  CheckShapes(source, window, out);
  const Taps down = MakeTaps(filter, window.y, window.height, source.height, out.height);
  const Taps across = MakeTaps(filter, window.x, window.width, source.width, out.width);
  const int channels = out.channels;
  std::vector<double> row(static_cast<size_t>(source.width) * static_cast<size_t>(channels));
  for (int y = 0; y < out.height; ++y) {
    const auto line = static_cast<size_t>(y);
    std::fill(row.begin(), row.end(), 0);
    for (int k = 0; k < down.count; ++k) {
      const double weight =
          down.weights[line * static_cast<size_t>(down.count) + static_cast<size_t>(k)];
      if (weight == 0) continue;
      const uint8_t* from = source.row(down.start[line] + k);
      for (size_t x = 0; x < row.size(); ++x) row[x] += weight * from[x];
    }
    for (int x = 0; x < out.width; ++x) {
      const auto pixel = static_cast<size_t>(x);
      for (int c = 0; c < channels; ++c) {
        double sum = 0;
        for (int k = 0; k < across.count; ++k) {
          const double weight =
              across.weights[pixel * static_cast<size_t>(across.count) + static_cast<size_t>(k)];
          if (weight != 0)
            sum += weight * row[static_cast<size_t>((across.start[pixel] + k) * channels + c)];
        }
        out.row(y)[x * channels + c] = static_cast<uint8_t>(std::clamp(std::lround(sum), 0L, 255L));
      }
    }
  }
}

}  // namespace iiifbench
#endif
