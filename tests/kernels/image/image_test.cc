#include "kernels/image/image.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace iiifbench {
namespace {

TEST(ImageTest, CropIsAViewOfTheSamePixels) {
  Image image({7, 5}, 3);
  auto view = image.view();
  for (int y = 0; y < 5; ++y) std::memset(view.row(y), y, 21);
  const auto crop = view.crop({2, 3, 4, 2});
  EXPECT_EQ(crop.data, view.row(3) + 6);
  EXPECT_EQ(crop.row(1)[0], 4);
}

TEST(ImageTest, CompareGivesMeanMaximumAndPsnr) {
  Image a({2, 2}, 1), b({2, 2}, 1);
  std::memset(a.view().data, 10, 4);
  std::memset(b.view().data, 10, 4);
  EXPECT_TRUE(std::isinf(Compare(a.view(), b.view()).psnr));
  b.view().data[3] = 14;
  const auto difference = Compare(a.view(), b.view());
  EXPECT_DOUBLE_EQ(difference.mean, 1.0);
  EXPECT_EQ(difference.maximum, 4);
  EXPECT_NEAR(difference.psnr, 10 * std::log10(255.0 * 255 / 4), 1e-9);
}

}  // namespace
}  // namespace iiifbench
