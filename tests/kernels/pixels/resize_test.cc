#include "kernels/pixels/resize.h"

#include <algorithm>
#include <random>
#include <vector>

#include "kernels/pixels/resize_weights.h"
#include "tests/kernels/pixels/each_target.h"

namespace iiifbench {
namespace {

Image Noise(Size size, int channels, uint64_t seed) {
  Image image(size, channels);
  std::mt19937_64 random(seed);
  for (int64_t i = 0; i < image.bytes(); ++i) image.view().data[i] = static_cast<uint8_t>(random());
  return image;
}

constexpr Filter kFilters[] = {Filter::kNearest,  Filter::kBilinear, Filter::kBox,
                               Filter::kTriangle, Filter::kBicubic,  Filter::kLanczos3};

TEST(ResizeTest, EqualsTheDoublePrecisionTwinOnEveryTarget) {
  struct Pair {
    Size from, to;
  };
  const Pair pairs[] = {{{200, 160}, {50, 40}}, {{200, 160}, {100, 80}}, {{331, 217}, {97, 83}},
                        {{64, 64}, {63, 63}},   {{40, 30}, {111, 77}},   {{7, 5}, {3, 2}},
                        {{1, 1}, {5, 4}},       {{700, 3}, {20, 1}},     {{90, 90}, {1, 1}},
                        {{3, 300}, {2, 33}}};
  double worst_mean = 0;
  int worst = 0;
  OnEachTarget([&] {
    for (Filter filter : kFilters) {
      for (int channels : {1, 3, 4}) {
        for (const Pair& pair : pairs) {
          const Image source = Noise(pair.from, channels, 3);
          Image expected(pair.to, channels), got(pair.to, channels);
          ResizeScalar(source.view(), WholeOf(pair.from), expected.view(), filter);
          Resize(source.view(), WholeOf(pair.from), got.view(), {.filter = filter, .threads = 1});
          const auto d = Compare(got.view(), expected.view());
          ASSERT_LE(d.maximum, 1) << FilterName(filter) << " " << pair.from.width << "x"
                                  << pair.from.height << " to " << pair.to.width << "x"
                                  << pair.to.height << " channels " << channels;
          if (pair.to.pixels() > 1000) {
            ASSERT_LE(d.mean, 0.05) << FilterName(filter);
            worst_mean = std::max(worst_mean, d.mean);
          }
          worst = std::max(worst, d.maximum);
        }
      }
    }
  });
  std::printf("resize against double precision: mean error at most %.4f, maximum %d\n", worst_mean,
              worst);
}

// The arithmetic that resize.cc promises, one sample after the other: Q14 weights, 6 bits of
// fraction between the passes.
Image InFixedPoint(const Image& source, const Window& window, Size to, Filter filter) {
  const int channels = source.channels();
  const FixedTaps down =
      ToFixed(MakeTaps(filter, window.y, window.height, source.size().height, to.height));
  const FixedTaps across =
      ToFixed(MakeTaps(filter, window.x, window.width, source.size().width, to.width));
  Image out(to, channels);
  std::vector<int> row(static_cast<size_t>(source.size().width * channels));
  for (int y = 0; y < to.height; ++y) {
    for (int x = 0; x < static_cast<int>(row.size()); ++x) {
      int sum = 1 << 7;
      for (int k = 0; k < down.count; ++k) {
        const int weight = down.weights[static_cast<size_t>(y * down.count + k)];
        if (weight != 0)
          sum += weight * source.view().row(down.start[static_cast<size_t>(y)] + k)[x];
      }
      row[static_cast<size_t>(x)] = sum >> 8;
    }
    for (int i = 0; i < to.width * channels; ++i) {
      int sum = 1 << 19;
      for (int k = 0; k < across.count; ++k) {
        const int weight = across.weights[static_cast<size_t>(i / channels * across.count + k)];
        if (weight == 0) continue;
        const int at =
            (across.start[static_cast<size_t>(i / channels)] + k) * channels + i % channels;
        sum += weight * row[static_cast<size_t>(at)];
      }
      out.view().row(y)[i] = static_cast<uint8_t>(std::clamp(sum >> 20, 0, 255));
    }
  }
  return out;
}

TEST(ResizeTest, GroupsOfRowsGiveTheFixedPointAnswerExactlyOnEveryTarget) {
  // Widths around the blocks of the pass down; heights that leave one to three rows over; windows
  // that begin at odd rows, so that pairs of rows do too; windows between pixels; enlargement,
  // where rows share a pair.
  struct Case {
    Size from;
    Window window;
    Size to;
  };
  const Case cases[] = {
      {{64, 160}, {0, 0, 64, 160}, {16, 40}},  {{65, 156}, {1, 1, 60, 152}, {15, 38}},
      {{63, 150}, {0, 3, 63, 147}, {21, 49}},  {{33, 301}, {0.5, 0.75, 31, 299}, {11, 83}},
      {{31, 40}, {0, 0, 31, 40}, {50, 123}},   {{200, 37}, {3, 1, 190, 35}, {33, 34}},
      {{130, 500}, {0, 7, 130, 491}, {13, 7}}, {{5, 2}, {0, 0, 5, 2}, {9, 67}}};
  OnEachTarget([&] {
    for (const Case& c : cases) {
      for (int channels : {1, 3, 4}) {
        const Image source = Noise(c.from, channels, 11);
        for (Filter filter :
             {Filter::kBilinear, Filter::kTriangle, Filter::kBicubic, Filter::kLanczos3}) {
          Image got(c.to, channels);
          Resize(source.view(), c.window, got.view(), {.filter = filter});
          const Image expected = InFixedPoint(source, c.window, c.to, filter);
          ASSERT_EQ(Compare(got.view(), expected.view()).maximum, 0)
              << FilterName(filter) << " " << c.from.width << "x" << c.from.height << " to "
              << c.to.width << "x" << c.to.height << " channels " << channels;
        }
      }
    }
  });
}

TEST(ResizeTest, ABoxOfTwoOrFourPixelsIsExact) {
  // Widths around one vector of every target, below and above it, in a view that ends with its
  // buffer.
  OnEachTarget([&] {
    for (int channels : {1, 3, 4}) {
      for (int factor : {2, 4}) {
        for (int width : {1, 2, 3, 5, 8, 11, 16, 21, 32, 33, 64, 100, 131}) {
          const Size from{width * factor, 3 * factor}, to{width, 3};
          const Image source = Noise(from, channels, 5);
          Image expected(to, channels), got({width + 1, 4}, channels);
          for (int64_t i = 0; i < got.bytes(); ++i) got.view().data[i] = 77;
          ResizeScalar(source.view(), WholeOf(from), expected.view(), Filter::kBox);
          Resize(source.view(), WholeOf(from), got.view().crop({0, 0, width, 3}),
                 {.filter = Filter::kBox});
          ASSERT_EQ(Compare(got.view().crop({0, 0, width, 3}), expected.view()).maximum, 0)
              << factor << " to 1, width " << width << " channels " << channels;
          for (int y = 0; y < 4; ++y) {
            for (int c = 0; c < channels; ++c)
              ASSERT_EQ(got.view().row(y)[width * channels + c], 77) << "written beside the view";
          }
        }
      }
    }
  });
}

TEST(ResizeTest, WindowsAndThreadsGiveTheSamePixels) {
  const Image source = Noise({500, 400}, 3, 8);
  const Window window{10.25, 20.5, 333.3, 301.75};
  Image expected({120, 130}, 3), got({120, 130}, 3);
  ResizeScalar(source.view(), window, expected.view(), Filter::kBicubic);
  for (int threads : {1, 2, 3}) {
    Resize(source.view(), window, got.view(), {.filter = Filter::kBicubic, .threads = threads});
    EXPECT_LE(Compare(got.view(), expected.view()).maximum, 1);
  }
}

TEST(ResizeTest, AFlatPictureStaysFlat) {
  Image source({301, 211}, 3), out({77, 41}, 3);
  for (int64_t i = 0; i < source.bytes(); ++i) source.view().data[i] = 201;
  for (Filter filter : kFilters) {
    Resize(source.view(), WholeOf(source.size()), out.view(), {.filter = filter});
    for (int64_t i = 0; i < out.bytes(); ++i)
      ASSERT_EQ(out.view().data[i], 201) << FilterName(filter);
  }
}

TEST(ResizeTest, ReadsNothingOutsideTheView) {
  // A crop whose surroundings are white, and a result that must not see them.
  Image canvas({100, 100}, 3);
  for (int64_t i = 0; i < canvas.bytes(); ++i) canvas.view().data[i] = 255;
  const auto view = canvas.view().crop({20, 20, 50, 50});
  for (int y = 0; y < 50; ++y) {
    for (int i = 0; i < 150; ++i) view.row(y)[i] = 0;
  }
  Image out({20, 20}, 3);
  Resize(view, WholeOf({50, 50}), out.view(), {.filter = Filter::kTriangle});
  for (int64_t i = 0; i < out.bytes(); ++i) ASSERT_EQ(out.view().data[i], 0);
}

TEST(ResizeTest, CopyWhenNothingChanges) {
  const Image source = Noise({50, 40}, 3, 2);
  Image out({20, 10}, 3);
  Resize(source.view(), {7, 9, 20, 10}, out.view(), {.filter = Filter::kLanczos3});
  EXPECT_EQ(Compare(out.view(), source.view().crop({7, 9, 20, 10})).maximum, 0);
}

TEST(ResizeWeightsTest, FixedWeightsSumToOneAndBoxOfFourIsFourQuarters) {
  const FixedTaps taps = ToFixed(MakeTaps(Filter::kBox, 0, 400, 400, 100));
  ASSERT_EQ(taps.count, 4);
  for (int16_t w : taps.weights) EXPECT_EQ(w, 4096);
  const FixedTaps lanczos = ToFixed(MakeTaps(Filter::kLanczos3, 0.3, 777.1, 800, 123));
  for (size_t i = 0; i < lanczos.start.size(); ++i) {
    int sum = 0;
    for (int k = 0; k < lanczos.count; ++k)
      sum += lanczos.weights[i * static_cast<size_t>(lanczos.count) + static_cast<size_t>(k)];
    EXPECT_EQ(sum, 1 << kWeightBits);
  }
}

TEST(ResizeWeightsTest, PairsAreTheSameTapsAndNeverGoBack) {
  struct Axis {
    Filter filter;
    double begin, length;
    int size, outputs;
  };
  const Axis axes[] = {
      {Filter::kLanczos3, 0, 400, 400, 100},    {Filter::kLanczos3, 1, 396, 400, 99},
      {Filter::kBicubic, 0.3, 777.1, 800, 123}, {Filter::kBox, 3, 91, 100, 13},
      {Filter::kTriangle, 0, 10, 10, 37},       {Filter::kBilinear, 0, 500, 500, 9},
      {Filter::kLanczos3, 0, 1, 1, 5}};
  for (const Axis& axis : axes) {
    const FixedTaps taps =
        ToFixed(MakeTaps(axis.filter, axis.begin, axis.length, axis.size, axis.outputs));
    const PairedTaps paired = ToPairs(taps);
    for (int i = 0; i < axis.outputs; ++i) {
      const auto slot = static_cast<size_t>(i);
      std::vector<int> expected(static_cast<size_t>(axis.size) + 4), got(expected.size());
      for (int k = 0; k < taps.count; ++k) {
        const int weight = taps.weights[static_cast<size_t>(i * taps.count + k)];
        if (weight != 0) expected[static_cast<size_t>(taps.start[slot] + k + 2)] += weight;
      }
      for (int q = paired.first[slot]; q < paired.last[slot]; ++q) {
        for (int k = 0; k < 2; ++k) {
          const int weight = paired.weights[static_cast<size_t>(
              2 * (i * paired.stride + q - paired.first[slot]) + k)];
          if (weight != 0) got[static_cast<size_t>(2 * q + k - paired.offset + 2)] += weight;
        }
      }
      ASSERT_EQ(got, expected) << FilterName(axis.filter) << " output " << i;
      if (i > 0) {
        ASSERT_LE(paired.first[slot - 1], paired.first[slot]);
        ASSERT_LE(paired.last[slot - 1], paired.last[slot]);
      }
    }
  }
  // Whole ratios begin at rows of one parity and need no further pair: 24 taps are 12 pairs.
  EXPECT_EQ(ToPairs(ToFixed(MakeTaps(Filter::kLanczos3, 0, 400, 400, 100))).stride, 12);
  EXPECT_EQ(ToPairs(ToFixed(MakeTaps(Filter::kLanczos3, 1, 396, 400, 99))).stride, 12);
}

}  // namespace
}  // namespace iiifbench
