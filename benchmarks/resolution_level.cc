// resolution_level: what does the whole picture at 1/2^n cost? naive: full size, then shrink.
#include "benchmarks/common/pages.h"
#include "kernels/pixels/resize.h"

namespace iiifbench {
namespace {

constexpr int kLevels = 4;

void Level(benchmark::State& state, const CorpusEntry& entry, int level, Variant variant) {
  auto page = OpenForBench(entry.path, variant);
  if (!page) return state.SkipWithError(page.error().message.c_str());
  if (level >= static_cast<int>(page->info.levels.size()))
    return state.SkipWithError("the file has no such level");
  const Size size = page->info.levels[static_cast<size_t>(level)];
  const Region whole{0, 0, entry.size.width, entry.size.height};
  Image out(size, page->info.channels), full;
  if (variant == Variant::kNaive) full = Image(entry.size, page->info.channels);
  const DecodeRequest request{.region = whole,
                              .level = variant == Variant::kNaive ? 0 : level,
                              .variant = variant,
                              .index = page->index};
  int64_t decoded = 0;
  auto run = [&]() -> Result<void> {
    auto report = page->codec->decode(*page->source, request,
                                      variant == Variant::kNaive ? full.view() : out.view());
    if (!report) return report.error();
    decoded = report->pixels_decoded;
    if (variant == Variant::kNaive)
      Resize(full.view(), WholeOf(entry.size), out.view(), {.filter = Filter::kBox});
    return {};
  };
  auto once = run();
  if (!once) return state.SkipWithError(once.error().message.c_str());
  auto expected = WholeLevel(entry.path, level);
  if (!expected) return state.SkipWithError(expected.error().message.c_str());
  const Difference d = Compare(out.view(), *expected);
  // A shrunk full size is like the stored level, not equal to it: 16 dB for strokes under wavelet
  // low-pass filters.
  if (variant == Variant::kNaive
          ? d.psnr < 14
          : d.maximum > (entry.recipe.find("10to1") != std::string::npos ? 1 : 0)) {
    return state.SkipWithError(
        fmt::format("the level is wrong: {:.1f} dB, maximum {}", d.psnr, d.maximum).c_str());
  }
  const int64_t before = page->source->bytes_read();
  BeginMeasured();
  int64_t rounds = 0;
  for (auto _ : state) {
    auto done = run();
    benchmark::DoNotOptimize(done);
    ++rounds;
  }
  SetCounters(state, {size.pixels(), decoded,
                      (page->source->bytes_read() - before) / std::max<int64_t>(1, rounds)});
}

void RegisterAll(const BenchSettings& settings) {
  for (const CorpusEntry& entry : PagesFor(settings).entries) {
    const Codec* codec = nullptr;
    FindRecipe(entry.recipe, &codec);
    for (int level = 1; level <= kLevels; ++level) {
      // JPEG ends at 1/8; the pyramid of a small TIFF ends at one tile.
      if (codec->name == "jpeg" && level > 3) continue;
      if (codec->name == "tiff" && level > 2 && settings.smoke) continue;
      for (Variant variant : VariantsOf(*codec)) {
        Register(
            settings,
            fmt::format("resolution_level/{}/page:{}/level:{}/variant:{}", entry.recipe, entry.page,
                        level, VariantName(variant)),
            [&entry, level, variant](benchmark::State& s) { Level(s, entry, level, variant); });
      }
    }
  }
}

}  // namespace
}  // namespace iiifbench

int main(int argc, char** argv) { return iiifbench::BenchMain(argc, argv, iiifbench::RegisterAll); }
