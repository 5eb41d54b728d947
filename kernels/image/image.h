// Image owns pixels, ImageView borrows them; Size and Region are the geometry that everything
// speaks.
//
// Shapes: rows of interleaved samples, `channels` per pixel (1 grey, 3 RGB, 4 RGBA). A row starts
// every `stride_bytes`. Memory: a view promises nothing about alignment or padding, so a crop is a
// view and never a copy. Image rows are packed
//         (stride_bytes = width * channels) and the first one is aligned to 64 bytes.
// Errors: std::bad_alloc where there is no memory, which becomes kTooLarge at the border of the
// kernels (guarded.h). Threads: as safe as the memory behind them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "kernels/image/result.h"

namespace iiifbench {

struct Size {
  int width = 0;
  int height = 0;
  int64_t pixels() const { return int64_t{width} * height; }
  friend bool operator==(const Size&, const Size&) = default;
};

// A rectangle of pixels, half-open: [x, x + width) x [y, y + height).
struct Region {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  Size size() const { return {width, height}; }
  int right() const { return x + width; }
  int bottom() const { return y + height; }
  bool empty() const { return width <= 0 || height <= 0; }
  bool inside(Size outer) const {
    return x >= 0 && y >= 0 && !empty() && width <= outer.width - x && height <= outer.height - y;
  }
  friend bool operator==(const Region&, const Region&) = default;
};

template <typename T>
struct ImageView {
  T* data = nullptr;
  int width = 0;
  int height = 0;
  int channels = 0;
  ptrdiff_t stride_bytes = 0;

  Size size() const { return {width, height}; }
  T* row(int y) const {
    using Byte = std::conditional_t<std::is_const_v<T>, const std::byte, std::byte>;
    return reinterpret_cast<T*>(reinterpret_cast<Byte*>(data) + y * stride_bytes);
  }
  // The part of this view that `region` names; CHECKs that it lies inside.
  ImageView crop(const Region& region) const {
    IIIFBENCH_CHECK(region.inside(size()), "crop {},{},{},{} of {}x{}", region.x, region.y,
                    region.width, region.height, width, height);
    return {row(region.y) + ptrdiff_t{region.x} * channels, region.width, region.height, channels,
            stride_bytes};
  }
  operator ImageView<const T>()
      const  // NOLINT(google-explicit-constructor): reading what one may write
      requires(!std::is_const_v<T>) {
    return {data, width, height, channels, stride_bytes};
  }
};

using PixelView = ImageView<uint8_t>;
using ConstPixelView = ImageView<const uint8_t>;

// 8-bit pixels, move-only. The samples are uninitialised after construction.
class Image {
 public:
  Image() = default;
  Image(Size size, int channels);

  int width() const { return size_.width; }
  int height() const { return size_.height; }
  int channels() const { return channels_; }
  Size size() const { return size_; }
  int64_t bytes() const { return size_.pixels() * channels_; }
  PixelView view() {
    return {data_.get(), size_.width, size_.height, channels_, ptrdiff_t{size_.width} * channels_};
  }
  ConstPixelView view() const {
    return {data_.get(), size_.width, size_.height, channels_, ptrdiff_t{size_.width} * channels_};
  }

 private:
  struct Free {
    void operator()(uint8_t* p) const;
  };
  std::unique_ptr<uint8_t, Free> data_;
  Size size_;
  int channels_ = 0;
};

// Copies samples; CHECKs equal shapes.
void CopyPixels(ConstPixelView from, PixelView to);

// How far two pictures of one shape are apart: mean and maximum absolute difference of samples, and
// PSNR = 10 log10(255^2 / MSE) in dB (infinity when equal).
struct Difference {
  double mean = 0;
  int maximum = 0;
  double psnr = 0;
};
Difference Compare(ConstPixelView a, ConstPixelView b);

}  // namespace iiifbench
