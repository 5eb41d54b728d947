// region_decode: what does a region of the full resolution cost, by format, place and variant?
#include <algorithm>

#include "benchmarks/common/pages.h"

namespace iiifbench {
namespace {

struct Case {
  std::string_view name;
  Size size;
};
constexpr Case kCases[] = {{"512", {512, 512}}, {"1024", {1024, 1024}}, {"line", {2000, 150}}};
constexpr std::string_view kPlaces[] = {"centre", "bottom"};

// Odd positions, so that regions are not aligned with tiles or blocks.
Region Place(Size image, Size wanted, std::string_view place) {
  const int width = std::min(wanted.width, image.width),
            height = std::min(wanted.height, image.height);
  const int x = std::max(0, std::min(image.width - width, (image.width - width) / 2 | 1));
  const int y = place == "bottom"
                    ? image.height - height
                    : std::max(0, std::min(image.height - height, (image.height - height) / 2 | 1));
  return {x, y, width, height};
}

void Decode(benchmark::State& state, const CorpusEntry& entry, const Region& region,
            Variant variant, int threads) {
  auto page = OpenForBench(entry.path, variant);
  if (!page) return state.SkipWithError(page.error().message.c_str());
  Image out(region.size(), page->info.channels);
  const DecodeRequest request{
      .region = region, .variant = variant, .threads = threads, .index = page->index};
  // Checked before it is timed. 9/7 wavelets differ by rounding between a part and the whole.
  auto once = page->codec->decode(*page->source, request, out.view());
  if (!once) return state.SkipWithError(once.error().message.c_str());
  auto whole = WholeLevel(entry.path, 0);
  if (!whole) return state.SkipWithError(whole.error().message.c_str());
  if (Compare(out.view(), whole->crop(region)).maximum >
      (entry.recipe.find("10to1") != std::string::npos ? 1 : 0)) {
    return state.SkipWithError("the region is not the crop of the whole decode");
  }
  if (!once->fallback.empty()) state.SetLabel("fallback: " + once->fallback);
  const int64_t before = page->source->bytes_read();
  BeginMeasured();
  int64_t rounds = 0;
  for (auto _ : state) {
    auto report = page->codec->decode(*page->source, request, out.view());
    benchmark::DoNotOptimize(report);
    ++rounds;
  }
  SetCounters(state, {region.size().pixels(), once->pixels_decoded,
                      (page->source->bytes_read() - before) / std::max<int64_t>(1, rounds)});
}

void RegisterAll(const BenchSettings& settings) {
  for (const CorpusEntry& entry : PagesFor(settings).entries) {
    const Codec* codec = nullptr;
    FindRecipe(entry.recipe, &codec);
    for (const Case& c : kCases) {
      for (std::string_view place : kPlaces) {
        const Region region = Place(entry.size, c.size, place);
        for (Variant variant : VariantsOf(*codec)) {
          for (int threads : {1, 2}) {
            // The library's use is one thread; two show what the best variants gain.
            if (threads > 1 && variant != Variant::kBest && variant != Variant::kIndexed) continue;
            Register(settings,
                     fmt::format("region_decode/{}/page:{}/case:{}/at:{}/variant:{}{}",
                                 entry.recipe, entry.page, c.name, place, VariantName(variant),
                                 threads > 1 ? fmt::format("/threads:{}", threads) : ""),
                     [&entry, region, variant, threads](benchmark::State& s) {
                       Decode(s, entry, region, variant, threads);
                     });
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace iiifbench

int main(int argc, char** argv) { return iiifbench::BenchMain(argc, argv, iiifbench::RegisterAll); }
