// encode: what does writing an answer or a source cost? 1.5 Mpx of each page in every recipe, and IIIF's
// other formats.
#include "benchmarks/common/pages.h"
#include "kernels/pixels/resize.h"

namespace iiifbench {
namespace {

constexpr Size kSize = {1000, 1500};

const Image& PageOf(const CorpusEntry& entry, bool smoke) {
  static std::string held_page;
  static Image held;
  if (held_page != entry.page) {
    auto whole = WholeLevel(entry.path, 0);
    IIIFBENCH_CHECK(whole.ok(), "{}", whole.error().message);
    const Size size = smoke ? Size{400, 600} : kSize;
    held = Image(size, whole->channels);
    Resize(*whole, WholeOf(whole->size()), held.view());
    held_page = entry.page;
  }
  return held;
}

void Encode(benchmark::State& state, const CorpusEntry& entry, const Codec& codec,
            const EncodeOptions& options, bool lossless, bool smoke) {
  const Image& page = PageOf(entry, smoke);
  std::vector<uint8_t> bytes;
  auto once = codec.encode(page.view(), options, bytes);
  if (!once) return state.SkipWithError(once.error().message.c_str());
  auto source = Source::Borrow(bytes, "encoded");
  auto again = DecodeWhole(*source, Variant::kLibrary);
  if (!again) return state.SkipWithError(again.error().message.c_str());
  if (again->channels() == page.channels()) {
    const Difference d = Compare(again->view(), page.view());
    if (lossless ? d.maximum != 0 : d.psnr < 28)
      return state.SkipWithError(fmt::format("came back with {:.1f} dB", d.psnr).c_str());
  }
  ResetPeakMemory();
  for (auto _ : state) {
    auto done = codec.encode(page.view(), options, bytes);
    benchmark::DoNotOptimize(done);
  }
  SetCounters(state, {page.size().pixels(), 0, page.bytes()});
  state.counters["bits_per_pixel"] =
      static_cast<double>(bytes.size()) * 8 / static_cast<double>(page.size().pixels());
}

void RegisterAll(const BenchSettings& settings) {
  std::string last_page;
  for (const CorpusEntry& entry : PagesFor(settings).entries) {
    if (entry.page == last_page) continue;  // one file is enough for the pixels
    last_page = entry.page;
    const bool smoke = settings.smoke;
    for (const Codec* codec : Codecs()) {
      if (codec->encode == nullptr) continue;
      for (const Recipe& recipe : codec->recipes) {
        for (int threads : {1, 2}) {
          if (threads > 1 && codec->name == "jpeg") continue;
          EncodeOptions options = recipe.options;
          options.threads = threads;
          Register(settings,
                   fmt::format("encode/{}/page:{}/variant:library{}", recipe.name, entry.page,
                               threads > 1 ? "/threads:2" : ""),
                   [&entry, codec, options, &recipe, smoke](benchmark::State& s) {
                     Encode(s, entry, *codec, options, recipe.lossless, smoke);
                   });
        }
      }
      if (codec->recipes.empty()) {
        Register(settings, fmt::format("encode/{}/page:{}/variant:library", codec->name, entry.page),
                 [&entry, codec, smoke](benchmark::State& s) {
                   Encode(s, entry, *codec, {}, codec->name == "png", smoke);
                 });
      }
    }
  }
}

}  // namespace
}  // namespace iiifbench

int main(int argc, char** argv) { return iiifbench::BenchMain(argc, argv, iiifbench::RegisterAll); }
