#include "kernels/pixels/to_gray.h"

#include <cmath>
#include <random>

#include "tests/kernels/pixels/each_target.h"

namespace iiifbench {
namespace {

TEST(ToGrayTest, EqualsItsScalarTwinAndTheFormulaOnEveryTarget) {
  OnEachTarget([] {
    std::mt19937_64 random(4);
    for (int width : {1, 5, 16, 63, 200}) {
      Image rgb({width, 3}, 3), expected({width, 3}, 1), got({width, 3}, 1);
      for (int64_t i = 0; i < rgb.bytes(); ++i) rgb.view().data[i] = static_cast<uint8_t>(random());
      ToGrayScalar(rgb.view(), expected.view());
      ToGray(rgb.view(), got.view());
      ASSERT_EQ(Compare(got.view(), expected.view()).maximum, 0);
      const uint8_t* p = rgb.view().data;
      EXPECT_NEAR(got.view().data[0], 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2], 0.51);
      ToBitonalScalar(expected.view());
      ToBitonal(got.view());
      ASSERT_EQ(Compare(got.view(), expected.view()).maximum, 0);
    }
  });
}

}  // namespace
}  // namespace iiifbench
