#include "kernels/pixels/convert.h"

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "tests/kernels/pixels/each_target.h"

namespace iiifbench {
namespace {

constexpr uint8_t kGuard = 0xA5;

// All 65536 values, at an odd address too, and nothing written behind.
TEST(ConvertTest, EverySampleOf16BitsIsRoundedOnEveryTarget) {
  constexpr size_t kCount = 65536;
  OnEachTarget([] {
    for (const size_t offset : {0, 1}) {
      std::vector<uint8_t> from(2 * kCount + offset), got(kCount + 1, kGuard), twin(kCount);
      for (size_t v = 0; v < kCount; ++v) {
        const auto value = static_cast<uint16_t>(v);
        std::memcpy(from.data() + offset + 2 * v, &value, 2);
      }
      NarrowTo8(from.data() + offset, kCount, got.data());
      NarrowTo8Scalar(from.data() + offset, kCount, twin.data());
      for (size_t v = 0; v < kCount; ++v) {
        ASSERT_EQ(got[v], twin[v]) << v;
        ASSERT_EQ(got[v], std::lround(static_cast<double>(v) / 257)) << v;
      }
      EXPECT_EQ(got[kCount], kGuard);
    }
  });
}

// All pairs of an ink and black, each ink in its place.
TEST(ConvertTest, EveryInkUnderEveryBlackIsRoundedOnEveryTarget) {
  constexpr size_t kCount = 65536;
  OnEachTarget([] {
    std::vector<uint8_t> from(4 * kCount), got(3 * kCount + 1, kGuard), twin(3 * kCount);
    for (size_t i = 0; i < kCount; ++i) {
      const auto ink = static_cast<uint8_t>(i >> 8);
      from[4 * i] = ink;
      from[4 * i + 1] = static_cast<uint8_t>(ink + 85);
      from[4 * i + 2] = static_cast<uint8_t>(255 - ink);
      from[4 * i + 3] = static_cast<uint8_t>(i);
    }
    CmykToRgb(from.data(), kCount, got.data());
    CmykToRgbScalar(from.data(), kCount, twin.data());
    for (size_t i = 0; i < kCount; ++i) {
      for (size_t s = 0; s < 3; ++s) {
        ASSERT_EQ(got[3 * i + s], twin[3 * i + s]) << i << " " << s;
        ASSERT_EQ(got[3 * i + s],
                  std::lround((255.0 - from[4 * i + s]) * (255.0 - from[4 * i + 3]) / 255))
            << i << " " << s;
      }
    }
    EXPECT_EQ(got[3 * kCount], kGuard);
  });
}

// Counts that leave a rest of every length, with bytes behind that must stay.
TEST(ConvertTest, NothingIsReadOrWrittenBehindTheLastOne) {
  OnEachTarget([] {
    std::mt19937_64 random(6);
    for (int64_t count = 0; count <= 140; ++count) {
      const auto n = static_cast<size_t>(count);
      // Of exactly this size, so that a sanitizer sees a step beyond.
      std::vector<uint8_t> samples(2 * n), inks(4 * n);
      for (uint8_t& b : samples) b = static_cast<uint8_t>(random());
      for (uint8_t& b : inks) b = static_cast<uint8_t>(random());
      std::vector<uint8_t> got(3 * n + 1, kGuard), expected(3 * n + 1, kGuard);
      NarrowTo8(samples.data(), count, got.data());
      NarrowTo8Scalar(samples.data(), count, expected.data());
      ASSERT_EQ(got, expected) << count;
      CmykToRgb(inks.data(), count, got.data());
      CmykToRgbScalar(inks.data(), count, expected.data());
      ASSERT_EQ(got, expected) << count;
    }
  });
}

}  // namespace
}  // namespace iiifbench
