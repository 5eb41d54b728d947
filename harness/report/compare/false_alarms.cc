#include "harness/report/compare/false_alarms.h"

#include <chrono>
#include <random>
#include <vector>

#include "harness/stats/milliseconds.h"
#include "kernels/codecs/codec.h"
#include "kernels/pixels/resize.h"

namespace iiifbench {
namespace {

using Kernel = std::function<Result<void>()>;

// Smooth with some grain: compresses as a scan does.
Image Picture(Size size, uint64_t seed) {
  Image picture(size, 3);
  std::mt19937_64 random(seed);
  PixelView view = picture.view();
  for (int y = 0; y < size.height; ++y) {
    uint8_t* row = view.row(y);
    for (int x = 0; x < size.width * 3; ++x)
      row[x] = static_cast<uint8_t>(96 + (x / 7 + y / 5) % 64 + static_cast<int>(random() % 24));
  }
  return picture;
}

Result<double> TimeOnce(const Kernel& kernel) {
  const auto start = std::chrono::steady_clock::now();
  auto done = kernel();
  if (!done) return done.error();
  return MsOf(std::chrono::steady_clock::now() - start);
}

struct Sides {
  std::vector<double> a, b;
};

Result<std::vector<Sides>> Measure(const std::vector<Kernel>& kernels, int rounds, bool interleaved,
                                   std::mt19937_64& random) {
  std::vector<Sides> sides(kernels.size());
  // Turn 0 is A; without interleaving all of A comes first.
  for (int i = 0; i < 2 * rounds; ++i) {
    const bool b_first = interleaved && random() % 2 == 0;
    for (size_t k = 0; k < kernels.size(); ++k) {
      for (int turn = 0; turn < (interleaved ? 2 : 1); ++turn) {
        const bool is_b = interleaved ? (turn == 1) != b_first : i >= rounds;
        auto ms = TimeOnce(kernels[k]);
        if (!ms) return ms.error();
        (is_b ? sides[k].b : sides[k].a).push_back(*ms);
      }
    }
    if (interleaved && i + 1 == rounds) break;
  }
  return sides;
}

bool AnyVerdict(const std::vector<Sides>& sides, CompareOptions options, bool paired,
                double stretch) {
  options.paired = paired;
  std::vector<Comparison> family;
  for (Sides one : sides) {
    for (double& ms : one.b) ms *= stretch;
    family.push_back(CompareSamples(one.a, one.b, options));
  }
  JudgeFamily(family, options);
  for (const Comparison& c : family) {
    if (c.change != Change::kNone) return true;
  }
  return false;
}

}  // namespace

Result<FalseAlarms> MeasureFalseAlarms(const FalseAlarmOptions& options) {
  const Codec* jpeg = FindCodec("jpeg");
  IIIFBENCH_CHECK(jpeg != nullptr, "the JPEG codec is missing");
  const Image picture = Picture({384, 384}, options.seed);
  Image small({150, 150}, 3);
  std::vector<uint8_t> encoded, again;
  auto made = jpeg->encode(picture.view(), {}, encoded);
  if (!made) return made.error();
  const std::vector<Kernel> kernels = {
      [&]() -> Result<void> {
        Resize(picture.view(), WholeOf(picture.size()), small.view());
        return {};
      },
      [&]() -> Result<void> {
        auto source = Source::Borrow(encoded, "picture");
        auto decoded = DecodeWhole(*source, Variant::kLibrary);
        if (!decoded) return decoded.error();
        return {};
      },
      [&]() -> Result<void> { return jpeg->encode(picture.view(), {}, again); },
  };
  std::mt19937_64 random(options.seed);
  FalseAlarms result;
  for (const Kernel& kernel : kernels) {
    for (int i = 0; i < 20; ++i) {
      auto warm = kernel();
      if (!warm) return warm.error();
    }
  }
  for (int t = 0; t < options.comparisons; ++t) {
    if (options.stop != nullptr && options.stop->load()) break;
    for (const bool interleaved : {true, false}) {
      auto sides = Measure(kernels, options.rounds, interleaved, random);
      if (!sides) return sides.error();
      const bool alarm = AnyVerdict(*sides, options.compare, interleaved, 1);
      const bool found = AnyVerdict(*sides, options.compare, interleaved, 1.1);
      (interleaved ? result.interleaved : result.one_after_other) += alarm ? 1 : 0;
      (interleaved ? result.found_interleaved : result.found_one_after_other) += found ? 1 : 0;
    }
    ++result.comparisons;
    if (options.progress && result.comparisons % 20 == 0) {
      options.progress(fmt::format("{}/{} A/A comparisons, {} + {} false alarms",
                                   result.comparisons, options.comparisons, result.interleaved,
                                   result.one_after_other));
    }
  }
  return result;
}

std::string FalseAlarmsToText(const FalseAlarms& measured) {
  std::string text;
  auto line = [&](const char* design, int alarms, int found) {
    const Interval interval = BinomialInterval(alarms, measured.comparisons);
    text += fmt::format(
        "{}: {} false alarms in {} A/A comparisons of 3 kernels each: {:.1f} % (95 %: "
        "{:.1f}-{:.1f} %); with "
        "B "
        "10 % longer, {:.0f} % are found\n",
        design, alarms, measured.comparisons, 100.0 * alarms / measured.comparisons,
        100 * interval.low, 100 * interval.high, 100.0 * found / measured.comparisons);
  };
  line("interleaved", measured.interleaved, measured.found_interleaved);
  line("one after the other", measured.one_after_other, measured.found_one_after_other);
  return text;
}

}  // namespace iiifbench
