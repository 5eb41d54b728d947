#include "harness/attribution/model/size_series.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "data/corpus.h"
#include "harness/answers/encoder_facts.h"
#include "kernels/codecs/opened.h"
#include "kernels/pixels/resize.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

// The level that a picture of `width` is made from.
int LevelFor(const ImageInfo& info, int width) {
  int level = 0;
  for (size_t n = 0; n < info.levels.size(); ++n) {
    if (info.levels[n].width >= width) level = static_cast<int>(n);
  }
  return level;
}

}  // namespace

Result<EncodeOptions> OptionsLike(Source& source, const Codec& codec, const ImageInfo& info) {
  EncodeOptions options{.tile = info.tile, .threads = 2};
  if (codec.name == "jpeg") {
    auto bytes = source.ReadAll();
    if (!bytes) return bytes.error();
    auto facts = ReadEncoderFacts(*bytes);
    if (!facts) return facts.error();
    return facts->options;
  }
  if (codec.name == "jp2") {
    if (info.facts.high_throughput)
      return Fail(ErrorKind::kUnsupported, "{}: HTJ2K files cannot be written here", source.name());
    if (!info.facts.lossless)
      options.compression_ratio = static_cast<double>(info.size.pixels() * info.channels) /
                                  static_cast<double>(source.size());
    return options;
  }
  if (codec.name == "tiff") {
    static constexpr std::string_view kWritten[] = {"none", "lzw", "jpeg", "deflate", "zstd"};
    if (std::ranges::find(kWritten, info.facts.compression) == std::end(kWritten))
      return Fail(ErrorKind::kUnsupported, "{}: TIFF compression {} cannot be written here",
                  source.name(), info.facts.compression_tag);
    options.compression = info.facts.compression;
    options.predictor = info.facts.predictor == 2;
    options.pyramid = info.levels.size() > 1;
    return options;
  }
  return Fail(ErrorKind::kUnsupported, "{}: no smaller files of format {} are made", source.name(),
              codec.name);
}

namespace {

// Of no file in the folder, whoever's it is: another run may have put its own there.
std::string FreeName(const std::string& folder, const fs::path& source, int width) {
  for (int number = 0;; ++number) {
    const std::string name = fmt::format("{}-iiifbench-{}-{}-{}{}", source.stem().string(),
                                         ::getpid(), number, width, source.extension().string());
    std::error_code ignored;
    if (!fs::exists(fs::symlink_status(folder + "/" + name, ignored))) return name;
  }
}

}  // namespace

Result<SizeSeries> SizeSeries::Place(const std::string& path, const std::string& folder,
                                     std::span<const int> widths) {
  auto opened = OpenImage(path);
  if (!opened) return opened.error();
  const ImageInfo& info = opened->info;
  auto options = OptionsLike(*opened->source, *opened->codec, info);
  if (!options) return options.error();
  SizeSeries series;
  for (int width : widths) {
    if (width * 4 > info.size.width * 3) break;
    auto picture = DecodeToImage(*opened->source, {0, 0, info.size.width, info.size.height},
                                 LevelFor(info, width));
    if (!picture) return picture.error();
    const auto height = static_cast<int>(int64_t{info.size.height} * width / info.size.width);
    Image small({width, std::max(1, height)}, picture->channels());
    Resize(picture->view(), WholeOf(picture->size()), small.view(), {.filter = Filter::kBox});
    std::vector<uint8_t> bytes;
    auto done = opened->codec->encode(small.view(), *options, bytes);
    if (!done) return done.error();
    const fs::path name(path);
    Step step{.file = FreeName(folder, name, width),
              .bytes = static_cast<int64_t>(bytes.size()),
              .placed = true};
    step.path = folder + "/" + step.file;
    auto written = WriteFile(step.path, bytes);
    if (!written) return written.error();
    series.steps_.push_back(step);
    auto again = Source::Borrow(bytes, step.path);
    auto shape = opened->codec->probe(*again);
    if (!shape) return shape.error();
    series.steps_.back().info = *shape;
  }
  return series;
}

SizeSeries::~SizeSeries() {
  for (const Step& step : steps_) {
    if (step.placed) std::remove(step.path.c_str());
  }
}

}  // namespace iiifbench
