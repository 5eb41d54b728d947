#include "tests/kernels/hostile/entry_points.h"

#include <fmt/format.h>

#include <optional>
#include <random>

#include "kernels/codecs/codec.h"
#include "kernels/iiif/render.h"
#include "kernels/image/guarded.h"
#include "kernels/image/reused.h"

namespace iiifbench::hostile {
namespace {

std::string_view KindName(ErrorKind kind) {
  static constexpr std::string_view kNames[] = {"bad input", "unsupported", "too large",
                                                "not found", "bad request", "io"};
  return kNames[static_cast<size_t>(kind)];
}

Report::Said Refused(const Error& error) {
  return {fmt::format("refused: {}", KindName(error.kind)), error.message};
}

struct File {
  std::unique_ptr<Source> source;
  const Codec* codec = nullptr;
  ImageInfo info;
  std::vector<uint8_t> index;
};

Result<Image> DecodePart(const File& file, const Region& region, int level, Variant variant,
                         const Trial& trial) {
  return WithMemoryErrors([&]() -> Result<Image> {
    const Size size = LevelRegion(file.info, region, level).size();
    if (size.pixels() > trial.most_pixels)
      return Fail(ErrorKind::kTooLarge, "{}x{} is more than a careful server gives", size.width,
                  size.height);
    Image out(size, file.info.channels);
    DecodeRequest request{
        .region = region, .level = level, .variant = variant, .threads = 1, .index = file.index};
    request.limits.max_pixels = trial.most_pixels;
    request.limits.max_memory_bytes = 4 * trial.most_pixels;
    auto report = file.codec->decode(*file.source, request, out.view());
    if (!report) return report.error();
    return out;
  });
}

int Tolerance(const ImageInfo& info) {
  // The 9/7 wavelets of two decoders round differently.
  return info.facts.compression == "jpeg2000" && !info.facts.lossless ? 1 : 0;
}

bool Same(const Image& a, const Image& b, int tolerance) {
  return a.size() == b.size() && Compare(a.view(), b.view()).maximum <= tolerance;
}

// One question to every variant, twice with other remains in every buffer.
Report::Said AskAll(const File& file, const Region& region, int level, const Trial& trial,
                    const Image* whole) {
  std::optional<Image> first;
  std::optional<Error> refusal;
  std::string answered, refused;
  bool late = false;  // a variant that reads less than one that answered refuses
  for (const Variant variant :
       {Variant::kNaive, Variant::kLibrary, Variant::kBest, Variant::kIndexed}) {
    if (variant == Variant::kIndexed && file.index.empty()) continue;
    PoisonReused(0xA5);
    auto one = DecodePart(file, region, level, variant, trial);
    PoisonReused(0x5A);
    auto two = DecodePart(file, region, level, variant, trial);
    PoisonReused(-1);
    const std::string name(VariantName(variant));
    if (one.ok() != two.ok()) return {"changes", name + " refuses once and answers once"};
    if (!one.ok()) {
      refused += " " + name;
      if (first) late = true;
      refusal = one.error();
      continue;
    }
    if (!Same(*one, *two, 0)) return {"poison", name};
    answered += " " + name;
    if (first && !Same(*one, *first, Tolerance(file.info)))
      return {"differs", fmt::format("{} from{}, by up to {}", name, answered,
                                     Compare(one->view(), first->view()).maximum)};
    if (!first) first = std::move(*one);
  }
  if (first && whole != nullptr && whole->width() > 0) {
    const Region part = LevelRegion(file.info, region, level);
    const int most = Compare(first->view(), whole->view().crop(part)).maximum;
    if (most > Tolerance(file.info)) return {"differs", fmt::format("from the whole by {}", most)};
  }
  if (first && refusal)
    return {late ? "uneven" : "partly",
            fmt::format("answered by{}, refused by{}: {}", answered, refused, refusal->message)};
  if (refusal) return Refused(*refusal);
  return {"answered", ""};
}

Region RandomPart(Size size, std::mt19937_64& random) {
  const auto side = [&](int full, int& begin, int& length) {
    const auto most = static_cast<uint64_t>(full);
    length = 1 + static_cast<int>(random() % std::min<uint64_t>(most, 1500));
    begin = static_cast<int>(random() % (most - static_cast<uint64_t>(length) + 1));
  };
  Region region;
  side(size.width, region.x, region.width);
  side(size.height, region.y, region.height);
  return region;
}

void Decodes(const File& file, const Trial& trial, const Limits& limits, Report& report) {
  std::mt19937_64 random(trial.seed);
  for (int level = 0; level < static_cast<int>(file.info.levels.size()); ++level) {
    const Region all{0, 0, file.info.size.width, file.info.size.height};
    const Size size = file.info.levels[static_cast<size_t>(level)];
    Image whole;
    // Three pictures are in memory here beside the decoder's.
    report.Run(fmt::format("decode level {} whole", level), 3 * size.pixels(), limits, [&] {
      auto naive = DecodePart(file, all, level, Variant::kNaive, trial);
      if (naive.ok()) whole = std::move(*naive);
      return AskAll(file, all, level, trial, nullptr);
    });
    for (int n = 0; n < trial.regions; ++n) {
      const Region r = RandomPart(file.info.size, random);
      // naive decodes the whole of a level, whatever is asked for.
      report.Run(
          fmt::format("decode level {} region {},{},{},{}", level, r.x, r.y, r.width, r.height),
          r.size().pixels() + 3 * size.pixels(), limits,
          [&] { return AskAll(file, r, level, trial, &whole); });
    }
  }
}

void Renders(const File& file, const Trial& trial, const Limits& limits, Report& report) {
  std::mt19937_64 random(trial.seed + 1);
  const Size size = file.info.size;
  std::vector<std::string> paths = {"full/100,/0/default.jpg", "full/1,1/0/default.jpg",
                                    "full/max/0/gray.png", "full/pct:50/90/default.jpg",
                                    "square/64,64/!180/bitonal.png"};
  for (const Size& level : file.info.levels)
    paths.push_back(fmt::format("full/{},/0/default.jpg", level.width));
  for (int n = 0; n < 2 * trial.regions; ++n) {
    const Region r = RandomPart(size, random);
    paths.push_back(fmt::format("{},{},{},{}/{},{}/0/default.jpg", r.x, r.y, r.width, r.height,
                                1 + random() % 300, 1 + random() % 300));
  }
  Renderer renderer;
  for (const std::string& path : paths) {
    auto request = ParseImageRequest("id/" + path, ApiVersion::k2);
    if (!request) continue;
    RenderSettings settings;
    settings.limits.max_pixels = trial.most_pixels;
    settings.limits.max_memory_bytes = 4 * trial.most_pixels;
    auto plan = MakeRenderPlan(file.info, *request, settings);
    const int64_t pixels =
        plan ? plan->level_region.size().pixels() + plan->output.pixels() : int64_t{0};
    report.Run("render " + path, pixels, limits, [&]() -> Report::Said {
      if (!plan) return Refused(plan.error());
      Rendered out;
      auto done = renderer.Render(*file.source, *plan, out);
      if (!done) return Refused(done.error());
      return {"answered", ""};
    });
  }
}

}  // namespace

void TryFile(const std::string& path, const Trial& trial, const Limits& limits, Report& report) {
  File file;
  bool known = false;
  report.Run("probe", 0, limits, [&]() -> Report::Said {
    auto source = Source::Open(path);
    if (!source) return Refused(source.error());
    file.source = std::move(*source);
    auto codec = CodecOf(*file.source);
    if (!codec) return Refused(codec.error());
    file.codec = *codec;
    auto info = file.codec->probe(*file.source);
    if (!info) return Refused(info.error());
    file.info = *info;
    known = true;
    return {"answered", info->detail};
  });
  if (!known) return;
  if (file.codec->build_index != nullptr) {
    report.Run("build index", file.info.size.pixels() / 8, limits, [&]() -> Report::Said {
      auto index = file.codec->build_index(*file.source);
      if (!index) return {"answered", "no index: " + index.error().message};
      file.index = std::move(*index);
      return {"answered", ""};
    });
  }
  Decodes(file, trial, limits, report);
  Renders(file, trial, limits, report);
}

}  // namespace iiifbench::hostile
