// The source stored in another way, placed beside it.
#include <cstdio>
#include <filesystem>

#include "data/corpus.h"
#include "harness/attribution/findings/packet_search.h"
#include "harness/attribution/what_if/experiment.h"
#include "harness/attribution/what_if/offered.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

struct Removed {
  std::string path;
  ~Removed() { std::remove(path.c_str()); }
};

struct OtherRecipe {
  std::string name, kind, words;
};

// Whether each level is half of the one above, down to a tile.
bool Halves(const ImageInfo& info) {
  for (size_t i = 1; i < info.levels.size(); ++i) {
    if (info.levels[i].width * 2 < info.levels[i - 1].width - 1) return false;
  }
  return info.levels.back().width <= std::max(256, info.tile.width);
}

// What another way to store a source is worth trying for.
std::vector<OtherRecipe> RecipesFor(const std::string& codec, const ImageInfo& info,
                                    Source& source) {
  const OtherRecipe jpeg_tiles = {
      "tiff_jpeg", "other format",
      "store the source as a pyramid of TIFF tiles in JPEG (tiff_jpeg)"};
  const OtherRecipe tiles = {"tiff_deflate", "pyramid",
                             "store the source as a pyramid of deflated TIFF tiles (tiff_deflate)"};
  if (codec == "tiff" && (info.levels.size() == 1 || info.tile.width == 0))
    return {tiles, jpeg_tiles};
  std::vector<OtherRecipe> out;
  if (codec == "tiff") {
    if (!Halves(info))
      out.push_back({"tiff_deflate", "pyramid", "store all levels of the pyramid (tiff_deflate)"});
    out.push_back({"tiff_none", "other format", "leave the TIFF's tiles uncompressed (tiff_none)"});
    out.push_back(jpeg_tiles);
    return out;
  }
  if (codec == "jpeg")
    return {jpeg_tiles,
            {"jpeg_q90_restart", "other format",
             "store the JPEG with restart markers (jpeg_q90_restart)"}};
  for (const Recipe& recipe : FindCodec("jp2")->recipes) {
    const std::string name(recipe.name);
    if (recipe.options.high_throughput)
      out.push_back({name, "HTJ2K", "store the source as HTJ2K (" + name + ")"});
  }
  auto pointers = PointersOf(source);
  if (pointers && !pointers->packet_lengths) {
    const std::string name = info.facts.lossless ? "jp2_lossless" : "jp2_10to1";
    out.push_back({name, "PLT markers", "store the JPEG 2000 with PLT markers (" + name + ")"});
  }
  out.push_back({tiles.name, "other format", tiles.words});
  out.push_back({"jp2_10to1", "other format", "store the source as jp2_10to1"});
  out.push_back({"jp2_10to1_tiled", "tiles", "store the JPEG 2000 in tiles (jp2_10to1_tiled)"});
  return out;
}

}  // namespace

Tried TryOtherSources(Experiment& experiment) {
  Tried out;
  auto source = Source::Open(experiment.options.source);
  if (!source) return out;
  auto picture = DecodeWhole(**source);
  if (!picture) return out;
  for (const OtherRecipe& other :
       RecipesFor(experiment.observed.codec, *experiment.observed.info, **source)) {
    if (Stopped(experiment)) return out;
    const Codec* codec = nullptr;
    const Recipe* recipe = FindRecipe(other.name, &codec);
    if (recipe == nullptr) continue;
    if (const std::string refusal = experiment.options.server->refuses(*recipe); !refusal.empty()) {
      out.Not(other.kind,
              fmt::format("{}: {} {}", other.words, experiment.options.server->title, refusal));
      continue;
    }
    Say(experiment, other.words);
    EncodeOptions encode = recipe->options;
    encode.threads = 2;
    std::vector<uint8_t> bytes;
    auto encoded = codec->encode(picture->view(), encode, bytes);
    const Removed placed{fmt::format("{}/{}-iiifbench-{}-try-{}.{}",
                                     fs::path(experiment.options.source).parent_path().string(),
                                     fs::path(experiment.options.source).stem().string(),
                                     ::getpid(), other.name, recipe->extension)};
    if (encoded) encoded = WriteFile(placed.path, bytes);
    auto file_of_it = Source::Open(placed.path);
    auto info = file_of_it ? codec->probe(**file_of_it) : Result<ImageInfo>(file_of_it.error());
    if (!encoded || !info) {
      out.Not(other.kind, fmt::format("{}: not tried: {}", other.words,
                                      encoded ? info.error().message : encoded.error().message));
      continue;
    }
    // It is stored so already.
    if (codec->name == experiment.observed.codec && other.kind != "PLT markers" &&
        StoredAlike(*info, *experiment.observed.info))
      continue;
    // A fit of levels that the file now has not says nothing of them.
    const bool unseen = codec->name != experiment.observed.codec ||
                        (experiment.observed.info->levels.size() < 2 && info->levels.size() > 1);
    std::optional<FittedModel> fit;
    if (const auto known = experiment.options.known.find(std::string(codec->name));
        codec->name != experiment.observed.codec && known != experiment.options.known.end()) {
      fit = known->second;
    } else if (unseen) {
      fit = FitOfProxyImage(experiment, *codec, *recipe, picture->view());
    }
    for (const HeldOutRequest& request : experiment.requests) {
      if (Stopped(experiment)) return out;
      Case then = request.now;
      then.codec = codec->name, then.file = placed.path, then.info = &*info;
      then.file_bytes = static_cast<int64_t>(bytes.size());
      const Prediction predicted =
          unseen ? PredictOther(BaselineNow(experiment, request), request.now, then,
                                experiment.model, fit ? &*fit : nullptr, experiment.costs,
                                experiment.observed.foreign_encoder)
                 : Predict(experiment, request, {.then = &then});
      Measure(experiment, request,
              {.kind = other.kind,
               .words = other.words,
               .url_now =
                   UrlOf(*experiment.options.running, FileName(experiment), request.now.probe.path),
               .url_new = UrlOf(*experiment.options.running, fs::path(placed.path).filename(),
                                request.now.probe.path),
               .same_picture = true},
              predicted, out);
    }
  }
  return out;
}

// The reference server takes an index that lies beside a JPEG; no other server is known to.
Tried TrySidecar(Experiment& experiment) {
  Tried out;
  const std::string kind = "index sidecar";
  if (experiment.observed.codec != "jpeg")
    return out.Not(kind, "only a JPEG needs one: the source is none");
  if (experiment.options.server->name != "reference")
    return out.Not(kind, fmt::format("not tried: {} reads none; `iiifbench serve` does",
                                     experiment.options.server->title));
  if (Stopped(experiment)) return out;
  const std::string words = "keep an MCU index beside the file and decode from it";
  Say(experiment, words);
  const fs::path source(experiment.options.source);
  const Removed copy{
      (source.parent_path() / (source.stem().string() + "-iiifbench-try-index.jpg")).string()};
  const Removed sidecar{copy.path + ".mcuindex"};
  std::error_code error;
  fs::copy_file(source, copy.path, error);
  auto placed = Source::Open(copy.path);
  auto index = placed ? FindCodec("jpeg")->build_index(**placed)
                      : Result<std::vector<uint8_t>>(placed.error());
  auto written = index ? WriteFile(sidecar.path, *index) : Result<void>(index.error());
  if (!written)
    return out.Not(kind, fmt::format("{}: not tried: {}", words, written.error().message));
  for (const HeldOutRequest& request : experiment.requests) {
    if (Stopped(experiment)) return out;
    auto plan = PlanOf(request.now, experiment.model.hypothesis);
    if (!plan) continue;
    const Prediction predicted = Predict(
        experiment, request, {.decode_work = IndexedDecode(experiment.costs, request.now, *plan)});
    Measure(experiment, request,
            {.kind = kind,
             .words = words,
             .url_now =
                 UrlOf(*experiment.options.running, FileName(experiment), request.now.probe.path),
             .url_new = UrlOf(*experiment.options.running, fs::path(copy.path).filename(),
                              request.now.probe.path),
             .same_picture = true},
            predicted, out);
  }
  return out;
}

}  // namespace iiifbench
