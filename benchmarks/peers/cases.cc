#include "benchmarks/peers/cases.h"

#include <algorithm>

#include "benchmarks/common/pages.h"
#include "data/corpus.h"

namespace iiifbench::peers {
namespace {

// Those of HTJ2K are there where OpenJPH is.
std::vector<std::string> Recipes() {
  std::vector<std::string> recipes = {
      "jpeg_q90",        "jp2_lossless",      "jp2_10to1",
      "jp2_10to1_tiled", "htj2k_lossless",    "htj2k_lossless_tiled",
      "htj2k_10to1",     "htj2k_10to1_tiled", "tiff_none",
      "tiff_lzw",        "tiff_zstd",         "tiff_deflate",
      "tiff_jpeg"};
  std::erase_if(recipes, [](const std::string& recipe) { return FindRecipe(recipe) == nullptr; });
  return recipes;
}

void AddResizes(const Cases& cases, std::vector<Task>& tasks) {
  for (const Image* from : {&cases.page, &cases.tile}) {
    for (Filter filter : {Filter::kBox, Filter::kTriangle, Filter::kBicubic, Filter::kLanczos3}) {
      const int divisor = from == &cases.page ? 4 : 2;
      Task task{.kind = Kind::kResize, .pixels = from->view(), .filter = filter};
      task.out = {from->width() / divisor, from->height() / divisor};
      task.name = fmt::format("resize/filter:{}/from:{}x{}/to:{}x{}", FilterName(filter),
                              from->width(), from->height(), task.out.width, task.out.height);
      tasks.push_back(std::move(task));
    }
  }
}

void AddEncodes(const Cases& cases, std::vector<Task>& tasks) {
  Task base{.kind = Kind::kEncode, .pixels = cases.reduced.view()};
  base.out = base.pixels.size();
  const auto add = [&](std::string_view name, std::string_view format, const EncodeOptions& options,
                       bool lossless) {
    Task task = base;
    task.format = format;
    task.encode = options;
    task.quality = options.quality;
    task.lossless = lossless;
    task.name = fmt::format("encode/{}/size:{}x{}", name, task.out.width, task.out.height);
    tasks.push_back(std::move(task));
  };
  add("jpeg_q75", "jpeg", {.quality = 75}, false);
  add("jpeg_q90", "jpeg", {.quality = 90}, false);
  for (std::string_view name : {"jp2_lossless", "jp2_10to1", "tiff_none", "tiff_lzw", "tiff_zstd",
                                "tiff_deflate", "tiff_jpeg"}) {
    const Recipe& recipe = *FindRecipe(name);
    EncodeOptions options = recipe.options;
    options.pyramid = false;
    add(name, name.substr(0, name.find('_')), options, recipe.lossless);
  }
  add("png", "png", {}, true);
  add("webp", "webp", {}, false);
}

// Ours with one and with two threads.
void AddThreads(std::vector<Task>& tasks) {
  std::vector<Task> threads;
  for (const Task& task : tasks) {
    const bool large = task.kind == Kind::kResize && task.pixels.width > 1024;
    const bool region = task.name.starts_with("region/") &&
                        task.name.find("at:centre") != std::string::npos &&
                        task.name.find("size:512") == std::string::npos;
    const bool level = task.name == "level/jpeg_q90/level:1";
    const bool encode = task.name.starts_with("encode/jp2") ||
                        task.name.starts_with("encode/tiff_deflate") ||
                        task.name.starts_with("encode/tiff_zstd");
    if (!large && !region && !level && !encode) continue;
    threads.push_back(task);
    threads.back().name = "threads/" + task.name;
    threads.back().by_threads = true;
  }
  tasks.insert(tasks.end(), threads.begin(), threads.end());
}

struct Place {
  std::string_view name;
  Region region;
};

void AddFile(const CorpusEntry& entry, bool small, std::vector<Task>& tasks) {
  const std::string recipe = entry.recipe;
  const Codec* codec = nullptr;
  const EncodeOptions made = FindRecipe(recipe, &codec)->options;
  Task base{
      .format = std::string(codec->name), .path = entry.path, .whole = entry.size, .encode = made};
  const Size whole = entry.size;
  const int side = small ? 256 : 1024, line_width = small ? 500 : 2000,
            line_height = small ? 40 : 150;
  const int x = (whole.width - side) / 2 / 8 * 8 + 3, y = (whole.height - side) / 2 / 8 * 8 + 5;
  const Region centre{x, y, side, side};
  const Region line{(whole.width - line_width) / 2, whole.height / 2 + 1, line_width, line_height};
  std::vector<Place> places = {{"centre", centre}};
  if (recipe == "jpeg_q90") {
    places.push_back({"centre", {x + side / 4, y + side / 4, side / 2, side / 2}});
    places.push_back({"bottom", {x, whole.height - side, side, side}});
    places.push_back({"line", line});
  }
  for (const Place& place : places) {
    Task task = base;
    task.kind = Kind::kRegion;
    task.region = place.region;
    task.name = fmt::format("region/{}/size:{}x{}/at:{}", recipe, task.region.width,
                            task.region.height, place.name);
    tasks.push_back(task);
  }
  if (base.format != "tiff" && !recipe.ends_with("tiled")) {
    for (int level : base.format == "jpeg" ? std::vector<int>{1, 2, 3} : std::vector<int>{2}) {
      Task task = base;
      task.kind = Kind::kRegion;
      task.region = {0, 0, whole.width, whole.height};
      task.level = level;
      task.name = fmt::format("level/{}/level:{}", recipe, level);
      tasks.push_back(task);
    }
  }
  Task crop = base;
  crop.kind = Kind::kRequest;
  crop.region = {x / 8 * 8, y / 8 * 8, side, side};
  crop.level = 1;
  crop.out = {side / 2, side / 2};
  crop.quality = 75;
  crop.name = fmt::format("request/{}/crop:{}/to:{}", recipe, side, crop.out.width);
  tasks.push_back(crop);
  if (base.format == "jpeg") {
    Task full = crop;
    full.region = {0, 0, whole.width, whole.height};
    full.level = 2;
    full.out = {whole.width / 5, whole.height / 5};
    full.name = fmt::format("request/{}/full/to:{}", recipe, full.out.width);
    tasks.push_back(full);
  }
}

}  // namespace

Result<Cases> MakeCases(bool small, const std::string& only) {
  const std::vector<std::string> recipes = Recipes();
  CorpusOptions options{.small = small, .recipes = recipes, .pages = {"print"}};
  options.progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  auto corpus = EnsureCorpus(options);
  if (!corpus) return corpus.error();
  Cases cases;
  for (const std::string& recipe : recipes) {
    for (const CorpusEntry& entry : corpus->entries) {
      if (entry.recipe != recipe || entry.page != "print") continue;
      if (cases.page.bytes() == 0) {
        auto whole = WholeLevel(entry.path, 0);
        if (!whole) return whole.error();
        cases.page = Image(whole->size(), 3);
        CopyPixels(*whole, cases.page.view());
        const int side = small ? 256 : 1024;
        cases.tile = Image({side, side}, 3);
        CopyPixels(
            whole->crop({whole->width / 2 - side / 2, whole->height / 2 - side / 2, side, side}),
            cases.tile.view());
        cases.reduced = Image({whole->width / 4, whole->height / 4}, 3);
        Resize(*whole, WholeOf(whole->size()), cases.reduced.view());
        AddResizes(cases, cases.tasks);
        AddEncodes(cases, cases.tasks);
      }
      AddFile(entry, small, cases.tasks);
    }
  }
  AddThreads(cases.tasks);
  std::erase_if(cases.tasks,
                [&](const Task& task) { return task.name.find(only) == std::string::npos; });
  return cases;
}

}  // namespace iiifbench::peers
