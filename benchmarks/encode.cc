// encode: what does writing an answer or a source cost? 1.5 Mpx of each page in every recipe, and
// IIIF's other formats.
#include "benchmarks/common/pages.h"
#include "kernels/codecs/jpeg/planes.h"
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

// Empty, or how what was written is not the page.
std::string WrongPixels(std::span<const uint8_t> bytes, const Image& page, bool lossless) {
  auto source = Source::Borrow(bytes, "encoded");
  auto again = DecodeWhole(*source, Variant::kLibrary);
  if (!again) return again.error().message;
  if (again->channels() != page.channels()) return "";
  const Difference d = Compare(again->view(), page.view());
  return (lossless ? d.maximum != 0 : d.psnr < 28) ? fmt::format("came back with {:.1f} dB", d.psnr)
                                                   : "";
}

// Times `encode`, which writes the page into `bytes`, once its answer is checked.
void Time(benchmark::State& state, const Image& page, bool lossless, std::vector<uint8_t>& bytes,
          const std::function<Result<void>()>& encode) {
  auto once = encode();
  if (!once) return state.SkipWithError(once.error().message.c_str());
  const std::string wrong = WrongPixels(bytes, page, lossless);
  if (!wrong.empty()) return state.SkipWithError(wrong.c_str());
  BeginMeasured();
  for (auto _ : state) {
    auto done = encode();
    benchmark::DoNotOptimize(done);
  }
  SetCounters(state, {page.size().pixels(), 0, page.bytes()});
  state.counters["bits_per_pixel"] =
      static_cast<double>(bytes.size()) * 8 / static_cast<double>(page.size().pixels());
}

void Encode(benchmark::State& state, const CorpusEntry& entry, const Codec& codec,
            const EncodeOptions& options, bool lossless, bool smoke) {
  const Image& page = PageOf(entry, smoke);
  std::vector<uint8_t> bytes;
  Time(state, page, lossless, bytes, [&] { return codec.encode(page.view(), options, bytes); });
}

void EncodePlanes(benchmark::State& state, const CorpusEntry& entry, const Codec& codec,
                  const EncodeOptions& options, bool from_jpeg, bool planes, bool smoke) {
  const Image& page = PageOf(entry, smoke);
  std::vector<uint8_t> stored, bytes;
  auto made = codec.encode(page.view(), options, stored);
  if (!made) return state.SkipWithError(made.error().message.c_str());
  auto source = Source::Borrow(stored, "stored");
  Image pixels(page.size(), page.channels());
  jpeg::PlanarImage planar;
  const DecodeRequest whole{.region = {0, 0, page.width(), page.height()},
                            .variant = Variant::kLibrary};
  const auto decode = [&]() -> Result<void> {
    if (planes) return jpeg::DecodePlanes(*source, {}, planar);
    auto report = codec.decode(*source, whole, pixels.view());
    return report ? Result<void>() : report.error();
  };
  const auto encode = [&] {
    return planes ? jpeg::EncodePlanes(planar.planes(), options, bytes)
                  : codec.encode(pixels.view(), options, bytes);
  };
  auto decoded = decode();
  if (!decoded) return state.SkipWithError(decoded.error().message.c_str());
  Time(state, page, false, bytes, [&]() -> Result<void> {
    if (!from_jpeg) return encode();
    auto done = decode();
    return done ? encode() : done;
  });
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
        if (codec->name != "jpeg") continue;
        const auto planar = [&](bool from_jpeg, bool planes) {
          Register(settings,
                   fmt::format("encode/{}/page:{}{}/variant:{}", recipe.name, entry.page,
                               from_jpeg ? "/from:jpeg" : "", planes ? "planes" : "library"),
                   [&entry, codec, &recipe, from_jpeg, planes, smoke](benchmark::State& s) {
                     EncodePlanes(s, entry, *codec, recipe.options, from_jpeg, planes, smoke);
                   });
        };
        planar(false, true);
        if (recipe.founding) planar(true, false), planar(true, true);
      }
      if (codec->recipes.empty()) {
        Register(settings,
                 fmt::format("encode/{}/page:{}/variant:library", codec->name, entry.page),
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
