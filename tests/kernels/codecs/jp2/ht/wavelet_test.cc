#include "kernels/codecs/jp2/ht/wavelet.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "kernels/codecs/jp2/ht/blocks.h"
#include "tests/kernels/pixels/each_target.h"

namespace iiifbench::jp2 {
namespace {

TEST(HtWaveletTest, EqualsTheStandardsLetterOnEveryTarget) {
  OnEachTarget([] {
    std::mt19937_64 random(3);
    for (const bool reversible : {true, false}) {
      for (const Rect& all :
           {Rect{{0, 200}, {0, 90}}, Rect{{13, 150}, {7, 44}}, Rect{{5, 6}, {0, 9}},
            Rect{{4, 5}, {3, 4}}, Rect{{0, 2}, {1, 3}}, Rect{{7, 30}, {9, 10}}}) {
        Level level{.all = all, .reversible = reversible};
        std::array<Plane, 4> planes;
        for (int band = 0; band < 4; ++band) {
          Plane& plane = planes[static_cast<size_t>(band)];
          plane = MakePlane(BandRect(all, band));
          for (int64_t y = plane.rect.y.from; y < plane.rect.y.to && !plane.rect.empty(); ++y)
            for (int64_t x = plane.rect.x.from; x < plane.rect.x.to; ++x) {
              const int value = static_cast<int>(random() % 601) - 300;
              *plane.At(x, y) =
                  reversible ? value : std::bit_cast<int32_t>(static_cast<float>(value));
            }
          level.bands[static_cast<size_t>(band)] = {plane.samples.get(), plane.stride, plane.rect};
        }
        for (const Rect& asked :
             {all, Rect{{all.x.from + 3, all.x.from + 70}, {all.y.from + 2, all.y.from + 31}},
              Rect{{all.x.to - 1, all.x.to}, {all.y.to - 1, all.y.to}}}) {
          const Rect part = Intersect(asked, all);
          if (part.empty()) continue;
          WaveletScratch scratch, letter;
          const Strip got = Synthesize(level, part, scratch),
                      expected = SynthesizeScalar(level, part, letter);
          for (int64_t y = 0; y < part.y.size(); ++y) {
            for (int64_t x = 0; x < part.x.size(); ++x) {
              const int32_t a = got.first[y * got.stride + x],
                            b = expected.first[y * expected.stride + x];
              if (reversible) {
                ASSERT_EQ(a, b) << x << "," << y;
              } else {
                ASSERT_NEAR(std::bit_cast<float>(a), std::bit_cast<float>(b), 0.01)
                    << x << "," << y;
              }
            }
          }
        }
      }
    }
  });
}

TEST(HtWaveletTest, ColourEqualsItsScalarTwinOnEveryTarget) {
  OnEachTarget([] {
    std::mt19937_64 random(4);
    constexpr int kWidth = 37, kHeight = 3, kStride = 64;
    for (const bool reversible : {true, false}) {
      for (const bool transform : {true, false}) {
        for (const int components : {1, 3}) {
          std::array<std::vector<int32_t>, 3> got;
          std::array<int32_t*, 3> planes{}, twins{};
          for (auto& plane : got) {
            plane.resize(kStride * kHeight);
            for (int32_t& v : plane) {
              // Away from halves, which round as the instruction likes.
              const int value = static_cast<int>(random() % 512) - 256;
              v = reversible ? value : std::bit_cast<int32_t>(static_cast<float>(value) + 0.3F);
            }
          }
          auto expected = got;
          for (size_t c = 0; c < 3; ++c) planes[c] = got[c].data(), twins[c] = expected[c].data();
          UndoColour(planes, components, kStride, kWidth, kHeight, reversible, transform, 128);
          UndoColourScalar(twins, components, kStride, kWidth, kHeight, reversible, transform, 128);
          for (size_t c = 0; c < static_cast<size_t>(components); ++c)
            for (int y = 0; y < kHeight; ++y)
              for (int x = 0; x < kWidth; ++x)
                ASSERT_NEAR(got[c][static_cast<size_t>(y * kStride + x)],
                            expected[c][static_cast<size_t>(y * kStride + x)], reversible ? 0 : 1);
        }
      }
    }
  });
}

}  // namespace
}  // namespace iiifbench::jp2
