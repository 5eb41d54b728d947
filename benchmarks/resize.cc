// resize: what does a resize cost, by filter and ratio? variants: scalar (double precision twin),
// best (SIMD), two threads. The small kernels of kernels/pixels are measured here too: to_gray,
// rotate, pack_planes, undo_predictor, convert, dct_quantise, haar_sums.
#include "kernels/pixels/resize.h"

#include <random>

#include "benchmarks/common/bench.h"
#include "kernels/pixels/convert.h"
#include "kernels/pixels/dct_quantise.h"
#include "kernels/pixels/haar_sums.h"
#include "kernels/pixels/pack_planes.h"
#include "kernels/pixels/rotate.h"
#include "kernels/pixels/to_gray.h"
#include "kernels/pixels/undo_predictor.h"

namespace iiifbench {
namespace {

// Smooth with noise: values matter little to a filter, but flat zeros would let a clever one off.
const Image& Picture(Size size, int channels) {
  static Image held;
  if (held.size() != size || held.channels() != channels) {
    held = Image(size, channels);
    std::mt19937_64 random(1);
    for (int64_t i = 0; i < held.bytes(); ++i)
      held.view().data[i] =
          static_cast<uint8_t>((i / 600) % 200 + static_cast<int64_t>(random() % 40));
  }
  return held;
}

struct Pair {
  Size from, to;
};
constexpr Pair kPairs[] = {{{4000, 6000}, {1000, 1500}},
                           {{4000, 6000}, {800, 1200}},
                           {{1024, 1024}, {512, 512}},
                           {{1024, 1024}, {410, 410}},
                           {{512, 512}, {1024, 1024}}};
constexpr Filter kFilters[] = {Filter::kBox, Filter::kTriangle, Filter::kBicubic,
                               Filter::kLanczos3};

void Scale(benchmark::State& state, const Pair& pair, Filter filter, int threads, bool scalar,
           bool smoke) {
  const Image& source = Picture(pair.from, 3);
  Image out(pair.to, 3);
  auto run = [&] {
    if (scalar) {
      ResizeScalar(source.view(), WholeOf(pair.from), out.view(), filter);
    } else {
      Resize(source.view(), WholeOf(pair.from), out.view(), {.filter = filter, .threads = threads});
    }
  };
  if (!scalar) {
    // Against the twin on the first rows only where the whole would take seconds.
    run();
    const int rows = smoke ? 32 : std::min(128, pair.to.height);
    const double share = static_cast<double>(pair.from.height) / pair.to.height;
    const Window top{0, 0, static_cast<double>(pair.from.width), rows * share};
    Image expected({pair.to.width, rows}, 3);
    ResizeScalar(source.view(), top, expected.view(), filter);
    const Difference d = Compare(out.view().crop({0, 0, pair.to.width, rows}), expected.view());
    if (d.maximum > 1 || d.mean > 0.05)
      return state.SkipWithError(
          fmt::format("mean error {:.3f}, maximum {}", d.mean, d.maximum).c_str());
    state.counters["mean_error"] = d.mean;
  }
  BeginMeasured();
  for (auto _ : state) {
    run();
    benchmark::ClobberMemory();
  }
  SetCounters(state, {pair.to.pixels(), pair.from.pixels(), pair.from.pixels() * 3});
}

template <typename Twin, typename Kernel>
void Check(const BenchSettings& settings, const std::string& name, Size size, int64_t bytes,
           Twin twin, Kernel kernel, Image& expected, Image& got) {
  auto measure = [=, &expected, &got](bool scalar) {
    return [=, &expected, &got](benchmark::State& state) {
      twin();
      kernel();
      if (Compare(expected.view(), got.view()).maximum != 0)
        return state.SkipWithError("differs from its scalar twin");
      for (auto _ : state) {
        scalar ? twin() : kernel();
        benchmark::ClobberMemory();
      }
      SetCounters(state, {size.pixels(), size.pixels(), bytes});
    };
  };
  Register(settings, name + "/variant:scalar", measure(true));
  Register(settings, name + "/variant:best", measure(false));
}

// What the response check of the harness does with every answer.
void RegisterComparing(const BenchSettings& settings) {
  constexpr Size kSize = {1024, 1024};
  static Image gray(kSize, 1), a1(kSize, 1), b1(kSize, 1), a16({512, 2048}, 1), b16({512, 2048}, 1);
  std::mt19937_64 random(3);
  for (int64_t i = 0; i < gray.bytes(); ++i)
    gray.view().data[i] = static_cast<uint8_t>(i / 5 % 150 + static_cast<int64_t>(random() % 60));
  static const DctSteps steps = [] {
    DctSteps out;
    for (size_t i = 0; i < 64; ++i) out[i] = static_cast<uint16_t>(3 + i / 8 + i % 8);
    return out;
  }();
  Check(
      settings, "dct_quantise/from:1024x1024", kSize, gray.bytes(),
      [] { QuantiseDctScalar(gray.view(), a1.view(), steps); },
      [] { QuantiseDct(gray.view(), b1.view(), steps); }, a1, b1);
  // The sums of blocks show that both did the same; the picture is its own answer, turned over.
  auto haar = [](auto kernel, Image& to) {
    for (int y = 0; y < gray.height(); y += 2) {
      const HaarRows<uint8_t> rows{gray.view().row(y), gray.view().row(y + 1),
                                   gray.view().row(gray.height() - 1 - y),
                                   gray.view().row(gray.height() - 2 - y)};
      auto* sums = reinterpret_cast<int16_t*>(to.view().row(2 * y));
      kernel(rows, sums, sums + 512, 512);
    }
  };
  Check(
      settings, "haar_sums/from:1024x1024", kSize, 2 * gray.bytes(),
      [haar] { haar([](const auto&... with) { SumHaarRowScalar(with...); }, a16); },
      [haar] { haar([](const auto&... with) { SumHaarRow(with...); }, b16); }, a16, b16);
}

// Samples of 16 bits and inks, as scans of archives have them.
void RegisterConversions(const BenchSettings& settings) {
  static constexpr Size kSize = {1024, 1024};
  static Image deep({2048, 1024}, 3), inks(kSize, 4), a(kSize, 3), b(kSize, 3);
  std::mt19937_64 random(4);
  for (Image* image : {&deep, &inks}) {
    for (int64_t i = 0; i < image->bytes(); ++i)
      image->view().data[i] = static_cast<uint8_t>(random());
  }
  auto narrow = [](auto kernel, Image& to) {
    for (int y = 0; y < kSize.height; ++y)
      kernel(deep.view().row(y), int64_t{3} * kSize.width, to.view().row(y));
  };
  auto print = [](auto kernel, Image& to) {
    for (int y = 0; y < kSize.height; ++y)
      kernel(inks.view().row(y), int64_t{kSize.width}, to.view().row(y));
  };
  Check(
      settings, "convert/from:rgb16/size:1024x1024", kSize, deep.bytes(),
      [narrow] { narrow(NarrowTo8Scalar, a); }, [narrow] { narrow(NarrowTo8, b); }, a, b);
  Check(
      settings, "convert/from:cmyk8/size:1024x1024", kSize, inks.bytes(),
      [print] { print(CmykToRgbScalar, a); }, [print] { print(CmykToRgb, b); }, a, b);
}

void RegisterSmallKernels(const BenchSettings& settings) {
  constexpr Size kSize = {1024, 1024};
  static Image rgb(kSize, 3), a1(kSize, 1), b1(kSize, 1), a3(kSize, 3), b3(kSize, 3);
  std::mt19937_64 random(2);
  for (int64_t i = 0; i < rgb.bytes(); ++i) rgb.view().data[i] = static_cast<uint8_t>(random());
  Check(
      settings, "to_gray/from:1024x1024", kSize, rgb.bytes(),
      [] { ToGrayScalar(rgb.view(), a1.view()); }, [] { ToGray(rgb.view(), b1.view()); }, a1, b1);
  for (int turns : {1, 2}) {
    const Orientation o{false, turns};
    Check(
        settings, fmt::format("rotate/degrees:{}/from:1024x1024", turns * 90), kSize, rgb.bytes(),
        [o] { RotateScalar(rgb.view(), a3.view(), o); }, [o] { Rotate(rgb.view(), b3.view(), o); },
        a3, b3);
  }
  static std::vector<int32_t> samples(1024 * 1024 * 3);
  for (auto& s : samples) s = static_cast<int32_t>(random() % 300) - 20;
  static const Planes planes{
      .data = {samples.data(), samples.data() + 1024 * 1024, samples.data() + 2 * 1024 * 1024},
      .stride_samples = {1024, 1024, 1024}};
  Check(
      settings, "pack_planes/from:1024x1024", kSize, int64_t{4} * 3 * 1024 * 1024,
      [] { PackPlanesScalar(planes, a3.view()); }, [] { PackPlanes(planes, b3.view()); }, a3, b3);
  auto predict = [](auto kernel, Image& to) {
    for (int y = 0; y < kSize.height; ++y)
      kernel(rgb.view().row(y), to.view().row(y), kSize.width, 3);
  };
  Check(
      settings, "undo_predictor/from:1024x1024", kSize, rgb.bytes(),
      [predict] { predict(UndoPredictorScalar, a3); }, [predict] { predict(UndoPredictor, b3); },
      a3, b3);
  RegisterConversions(settings);
  RegisterComparing(settings);
}

void RegisterAll(const BenchSettings& settings) {
  for (const Pair& pair : kPairs) {
    for (Filter filter : kFilters) {
      const std::string name =
          fmt::format("resize/filter:{}/from:{}x{}/to:{}x{}", FilterName(filter), pair.from.width,
                      pair.from.height, pair.to.width, pair.to.height);
      const bool smoke = settings.smoke;
      Register(settings, name + "/variant:scalar",
               [=](benchmark::State& s) { Scale(s, pair, filter, 1, true, smoke); });
      Register(settings, name + "/variant:best",
               [=](benchmark::State& s) { Scale(s, pair, filter, 1, false, smoke); });
      Register(settings, name + "/variant:best/threads:2",
               [=](benchmark::State& s) { Scale(s, pair, filter, 2, false, smoke); });
    }
  }
  RegisterSmallKernels(settings);
}

}  // namespace
}  // namespace iiifbench

int main(int argc, char** argv) { return iiifbench::BenchMain(argc, argv, iiifbench::RegisterAll); }
