#include "kernels/pixels/pack_planes.h"

#include <random>
#include <vector>

#include "tests/kernels/pixels/each_target.h"

namespace iiifbench {
namespace {

TEST(PackPlanesTest, EqualsItsScalarTwinOnEveryTarget) {
  OnEachTarget([] {
    std::mt19937_64 random(9);
    for (int channels : {1, 3}) {
      for (int bits : {1, 4, 8, 12, 16}) {
        for (bool is_signed : {false, true}) {
          for (int width : {1, 7, 16, 33, 100}) {
            const int height = 3;
            std::vector<int32_t> samples(static_cast<size_t>(width * height * channels));
            for (auto& v : samples) v = static_cast<int32_t>(random() % (3u << bits)) - (1 << bits);
            Planes planes{.bits = bits, .is_signed = is_signed};
            for (int c = 0; c < channels; ++c) {
              planes.data[static_cast<size_t>(c)] = samples.data() + c * width * height;
              planes.stride_samples[static_cast<size_t>(c)] = width;
            }
            Image expected({width, height}, channels), got({width, height}, channels);
            PackPlanesScalar(planes, expected.view());
            PackPlanes(planes, got.view());
            ASSERT_EQ(Compare(got.view(), expected.view()).maximum, 0)
                << width << " " << channels << " " << bits;
          }
        }
      }
    }
  });
}

TEST(PackPlanesTest, SixteenBitsScaleToTheFullRange) {
  const int32_t samples[] = {0, 65535, 32768, -5};
  Planes planes{.bits = 16};
  planes.data[0] = samples;
  planes.stride_samples[0] = 4;
  Image out({4, 1}, 1);
  PackPlanes(planes, out.view());
  EXPECT_EQ(out.view().data[0], 0);
  EXPECT_EQ(out.view().data[1], 255);
  EXPECT_EQ(out.view().data[2], 128);
  EXPECT_EQ(out.view().data[3], 0);
}

}  // namespace
}  // namespace iiifbench
