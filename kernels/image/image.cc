#include "kernels/image/image.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include "kernels/image/reused.h"

namespace iiifbench {

namespace {
constexpr std::align_val_t kLine{64};
}

void Image::Free::operator()(uint8_t* p) const { ::operator delete(p, kLine); }

Image::Image(Size size, int channels) : size_(size), channels_(channels) {
  IIIFBENCH_CHECK(size.width > 0 && size.height > 0 && channels >= 1 && channels <= 4,
                  "image of {}x{}x{}", size.width, size.height, channels);
  // A tail of 64 bytes lets kernels read a whole vector at the last pixel.
  const size_t bytes = (static_cast<size_t>(size.pixels()) * channels + 64 + 63) / 64 * 64;
  data_.reset(static_cast<uint8_t*>(::operator new(bytes, kLine)));
  Poison({data_.get(), bytes});
}

void CopyPixels(ConstPixelView from, PixelView to) {
  IIIFBENCH_CHECK(from.size() == to.size() && from.channels == to.channels);
  for (int y = 0; y < from.height; ++y) {
    std::memcpy(to.row(y), from.row(y), static_cast<size_t>(from.width) * from.channels);
  }
}

Difference Compare(ConstPixelView a, ConstPixelView b) {
  IIIFBENCH_CHECK(a.size() == b.size() && a.channels == b.channels);
  int64_t sum = 0, squares = 0;
  int maximum = 0;
  for (int y = 0; y < a.height; ++y) {
    const uint8_t* pa = a.row(y);
    const uint8_t* pb = b.row(y);
    int64_t row_sum = 0, row_squares = 0;
    for (int i = 0; i < a.width * a.channels; ++i) {
      const int d = std::abs(pa[i] - pb[i]);
      row_sum += d;
      row_squares += d * d;
      maximum = d > maximum ? d : maximum;
    }
    sum += row_sum;
    squares += row_squares;
  }
  const double samples = static_cast<double>(a.size().pixels()) * a.channels;
  const double mse = static_cast<double>(squares) / samples;
  return {.mean = static_cast<double>(sum) / samples,
          .maximum = maximum,
          .psnr = squares == 0 ? std::numeric_limits<double>::infinity()
                               : 10 * std::log10(255.0 * 255.0 / mse)};
}

}  // namespace iiifbench
