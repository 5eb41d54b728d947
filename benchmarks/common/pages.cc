#include "benchmarks/common/pages.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace iiifbench {

const Corpus& PagesFor(const BenchSettings& settings) {
  static const Corpus corpus = [&] {
    CorpusOptions options{
        .small = settings.smoke,
        .threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))};
    if (const char* recipes = std::getenv("IIIFBENCH_RECIPES")) {
      std::string_view rest(recipes);
      while (!rest.empty()) {
        const size_t comma = std::min(rest.find(','), rest.size());
        options.recipes.emplace_back(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
      }
    }
    options.progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
    auto made = EnsureCorpus(options);
    if (!made) {
      fmt::print(stderr, "corpus: {}\n", made.error().message);
      std::exit(1);
    }
    return std::move(*made);
  }();
  return corpus;
}

std::vector<Variant> VariantsOf(const Codec& codec) {
  std::vector<Variant> variants = {Variant::kNaive, Variant::kLibrary, Variant::kBest};
  if (codec.build_index != nullptr) variants.push_back(Variant::kIndexed);
  return variants;
}

Result<ConstPixelView> WholeLevel(const std::string& path, int level) {
  static std::string held_path;
  static int held_level = -1;
  static Image held;
  if (held_path != path || held_level != level) {
    auto source = Source::Open(path);
    if (!source) return source.error();
    auto decoded = DecodeToImage(**source, {}, level, Variant::kNaive);
    if (!decoded) return decoded.error();
    held = std::move(*decoded);
    held_path = path;
    held_level = level;
  }
  return ConstPixelView(held.view());
}

Result<OpenPage> OpenForBench(const std::string& path, Variant variant) {
  OpenPage page;
  auto source = Source::Open(path);
  if (!source) return source.error();
  page.source = std::move(*source);
  auto codec = CodecOf(*page.source);
  if (!codec) return codec.error();
  page.codec = *codec;
  auto info = page.codec->probe(*page.source);
  if (!info) return info.error();
  page.info = *info;
  if (variant == Variant::kIndexed) {
    auto index = page.codec->build_index(*page.source);
    if (!index) return index.error();
    page.index = std::move(*index);
  }
  return page;
}

}  // namespace iiifbench
