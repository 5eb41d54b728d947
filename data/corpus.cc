#include "data/corpus.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "data/work_folder.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A page that may have to be made: its name, what identifies its pixels, and how to get them.
struct Page {
  std::string name;
  std::string key;
  std::function<Result<Image>()> make;
};

std::string KeyOf(const Page& page, const Recipe& recipe, const Codec& codec) {
  const EncodeOptions& o = recipe.options;
  return fmt::format("{}|{}|q{} s{} p{} h{} r{}|x{} d{} t{}x{} plt{} ht{}|{} l{} pred{} pyr{}|{}",
                     page.key, recipe.name, o.quality, static_cast<int>(o.subsampling),
                     o.progressive, o.optimised_huffman, o.restart_rows, o.compression_ratio,
                     o.decompositions, o.tile.width, o.tile.height, o.plt, o.high_throughput,
                     o.compression, o.compression_level, o.predictor, o.pyramid, codec.version());
}

// Names become parts of URLs and of benchmark names: lower case letters, digits, hyphens.
std::string PageNameOf(const fs::path& path) {
  std::string name;
  for (const char c : path.stem().string()) {
    const auto u = static_cast<unsigned char>(c);
    name.push_back(std::isalnum(u) ? static_cast<char>(std::tolower(u)) : '-');
  }
  return name;
}

Result<std::vector<Page>> PagesOf(const CorpusOptions& options) {
  std::vector<Page> pages;
  auto wanted = [&](const std::string& name) {
    return options.pages.empty() || std::ranges::find(options.pages, name) != options.pages.end();
  };
  if (options.images.empty()) {
    const Size size = options.small ? kSmallPage : kLargePage;
    for (const std::string& name : options.pages) {
      if (std::ranges::find(PageKinds(), name, &PageKind::name) != std::ranges::end(PageKinds()))
        continue;
      std::string names;
      for (const PageKind& kind : PageKinds())
        names += (names.empty() ? "" : ", ") + std::string(kind.name);
      return Fail(ErrorKind::kNotFound, "page '{}': no such page; there are {}", name, names);
    }
    for (const PageKind& kind : PageKinds()) {
      if (!wanted(std::string(kind.name))) continue;
      const int threads = options.threads;
      pages.push_back(
          {std::string(kind.name),
           fmt::format("{} {}x{} generation {}", kind.name, size.width, size.height,
                       kPageGeneration),
           [&kind, size, threads]() -> Result<Image> { return kind.make(size, threads); }});
    }
    return pages;
  }
  std::error_code error;
  if (!fs::is_directory(options.images, error))
    return Fail(ErrorKind::kNotFound, "{}: not a folder of images", options.images);
  std::map<std::string, fs::path> files;
  for (const auto& entry : fs::directory_iterator(options.images)) {
    if (entry.is_regular_file()) files[PageNameOf(entry.path())] = entry.path();
  }
  for (const auto& [name, path] : files) {
    if (!wanted(name)) continue;
    auto source = Source::Open(path);
    if (!source) return source.error();
    if (!CodecOf(**source)) continue;  // a text file beside the pages is no page
    const std::string file = path;
    pages.push_back({name,
                     fmt::format("{} {} bytes, changed {}", file, (*source)->size(),
                                 fs::last_write_time(path).time_since_epoch().count()),
                     [file]() -> Result<Image> {
                       auto opened = Source::Open(file);
                       if (!opened) return opened.error();
                       return DecodeWhole(**opened);
                     }});
  }
  if (pages.empty()) {
    return Fail(ErrorKind::kNotFound,
                "{}: no page that a codec reads (JPEG, JPEG 2000, TIFF, PNG, WebP)",
                options.images);
  }
  return pages;
}

std::string RecipeNames() {
  std::string names;
  for (const Codec* codec : Codecs()) {
    for (const Recipe& recipe : codec->recipes)
      names += (names.empty() ? "" : ", ") + std::string(recipe.name);
  }
  return names;
}

Result<std::vector<std::pair<const Codec*, const Recipe*>>> RecipesOf(
    const CorpusOptions& options) {
  std::vector<std::pair<const Codec*, const Recipe*>> chosen;
  const bool all = options.recipes.size() == 1 && options.recipes[0] == "all";
  for (const Codec* codec : Codecs()) {
    for (const Recipe& recipe : codec->recipes) {
      const bool named = std::ranges::find(options.recipes, recipe.name) != options.recipes.end();
      if (all || named || (options.recipes.empty() && recipe.founding))
        chosen.emplace_back(codec, &recipe);
    }
  }
  for (const auto& name : options.recipes) {
    if (!all && FindRecipe(name) == nullptr)
      return Fail(ErrorKind::kNotFound, "recipe '{}': no such recipe; there are {}", name,
                  RecipeNames());
  }
  return chosen;
}

json ToJson(const CorpusEntry& e) {
  return {{"page", e.page},        {"recipe", e.recipe},      {"file", e.file},
          {"width", e.size.width}, {"height", e.size.height}, {"channels", e.channels},
          {"bytes", e.bytes},      {"fnv1a64", e.checksum},   {"key", e.key}};
}

std::map<std::string, CorpusEntry> ReadManifest(const std::string& path) {
  std::map<std::string, CorpusEntry> known;
  std::ifstream in(path);
  const json manifest = json::parse(in, nullptr, false);
  if (!manifest.is_object() || !manifest.contains("files")) return known;
  for (const json& f : manifest["files"]) {
    CorpusEntry e{.page = f.value("page", ""),
                  .recipe = f.value("recipe", ""),
                  .file = f.value("file", ""),
                  .size = {f.value("width", 0), f.value("height", 0)},
                  .channels = f.value("channels", 0),
                  .bytes = f.value("bytes", int64_t{0}),
                  .checksum = f.value("fnv1a64", ""),
                  .key = f.value("key", "")};
    known[e.file] = e;
  }
  return known;
}

bool StillCorrect(const CorpusEntry& known, const std::string& key, const std::string& path) {
  if (known.key != key) return false;
  auto source = Source::Open(path);
  if (!source || (*source)->size() != known.bytes) return false;
  auto bytes = (*source)->ReadAll();
  return bytes.ok() && Checksum(*bytes) == known.checksum;
}

Result<void> WriteManifest(const std::string& path,
                           const std::map<std::string, CorpusEntry>& known) {
  json files = json::array();
  for (const auto& [name, entry] : known) files.push_back(ToJson(entry));
  json versions;
  for (const Codec* codec : Codecs()) versions[std::string(codec->name)] = codec->version();
  return WriteFile(
      path,
      JsonText(json{{"schema", "iiifbench corpus 1"}, {"libraries", versions}, {"files", files}}));
}

Result<void> CheckRoundTrip(std::span<const uint8_t> bytes, const Image& page,
                            const std::string& file) {
  auto source = Source::Borrow(bytes, file);
  auto again = DecodeWhole(*source, Variant::kLibrary);
  if (!again) return again.error();
  if (again->size() != page.size() || again->channels() != page.channels() ||
      Compare(again->view(), page.view()).maximum != 0) {
    return Fail(ErrorKind::kBadInput, "{}: a lossless recipe did not give back its page", file);
  }
  return {};
}

}  // namespace

std::string Checksum(std::span<const uint8_t> bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const uint8_t b : bytes) hash = (hash ^ b) * 0x100000001b3u;
  return fmt::format("{:016x}", hash);
}

std::string DefaultCorpusFolder(bool small) {
  const char* given = std::getenv("IIIFBENCH_CORPUS");
  const std::string base = given != nullptr && *given != '\0' ? given : WorkFolderHere().corpus;
  return small ? base + "-small" : base;
}

Result<Corpus> EnsureCorpus(const CorpusOptions& options) {
  Corpus corpus;
  corpus.folder = options.folder.empty() ? DefaultCorpusFolder(options.small) : options.folder;
  corpus.image_folder = corpus.folder + "/images";
  std::error_code error;
  fs::create_directories(corpus.image_folder, error);
  if (error)
    return Fail(ErrorKind::kIo, "{}: cannot make the folder: {}", corpus.image_folder,
                error.message());
  auto pages = PagesOf(options);
  if (!pages) return pages.error();
  auto recipes = RecipesOf(options);
  if (!recipes) return recipes.error();
  const std::string manifest = corpus.folder + "/manifest.json";
  auto known = ReadManifest(manifest);
  const size_t total = pages->size() * recipes->size();
  for (const Page& page : *pages) {
    Image pixels;
    for (const auto& [codec, recipe] : *recipes) {
      const std::string file = fmt::format("{}_{}.{}", page.name, recipe->name, recipe->extension);
      const std::string path = corpus.image_folder + "/" + file, key = KeyOf(page, *recipe, *codec);
      const auto entry = known.find(file);
      if (entry == known.end() || !StillCorrect(entry->second, key, path)) {
        if (pixels.width() == 0) {
          if (options.progress) options.progress(fmt::format("page {}", page.name));
          auto made = page.make();
          if (!made) return made.error();
          pixels = std::move(*made);
        }
        EncodeOptions encode = recipe->options;
        encode.threads = options.threads;
        std::vector<uint8_t> bytes;
        auto encoded = codec->encode(pixels.view(), encode, bytes);
        if (!encoded) return encoded.error();
        if (recipe->lossless) {
          auto same = CheckRoundTrip(bytes, pixels, file);
          if (!same) return same.error();
        }
        auto written = WriteFile(path, bytes);
        if (!written) return written.error();
        known[file] = {.page = page.name,
                       .recipe = std::string(recipe->name),
                       .file = file,
                       .size = pixels.size(),
                       .channels = pixels.channels(),
                       .bytes = static_cast<int64_t>(bytes.size()),
                       .checksum = Checksum(bytes),
                       .key = key};
        written = WriteManifest(manifest, known);
        if (!written) return written.error();
        ++corpus.made;
        if (options.progress) {
          options.progress(fmt::format(
              "{:2}/{} {} {:.1f} MB, {:.2f} bits per pixel", corpus.entries.size() + 1, total, file,
              static_cast<double>(bytes.size()) / 1e6,
              static_cast<double>(bytes.size()) * 8 / static_cast<double>(pixels.size().pixels())));
        }
      }
      corpus.entries.push_back(known[file]);
      corpus.entries.back().path = path;
    }
  }
  return corpus;
}

}  // namespace iiifbench
