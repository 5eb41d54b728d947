// iiifbench index FILE...: writes the sidecar FILE.mcuindex beside each file whose format has an index.
//
// Written under another name first and then renamed, so that a full disk or Ctrl-C leaves no half sidecar.
// A file without an index (progressive, JPEG 2000) is named with the reason; the others are still done.
//
// --verify writes nothing: the index is built in memory and regions decoded with it, at every level, are
// compared with the crop of a whole decode, sample by sample. Files that have no index or cannot be decoded
// are counted apart, so a folder of damaged files can be given; exit status 1 when one pixel differs or no
// file could be compared.
#include <chrono>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "data/corpus.h"
#include "harness/cli/commands.h"
#include "kernels/codecs/codec.h"

namespace iiifbench {
namespace {

Result<std::vector<uint8_t>> IndexOf(const std::string& path) {
  auto source = Source::Open(path);
  if (!source) return source.error();
  auto codec = CodecOf(**source);
  if (!codec) return codec.error();
  if ((*codec)->build_index == nullptr)
    return Fail(ErrorKind::kUnsupported, "{}: {} needs no index; only JPEG files have one", path,
                (*codec)->name);
  return (*codec)->build_index(**source);
}

std::chrono::duration<double, std::milli> Since(std::chrono::steady_clock::time_point start) {
  return std::chrono::steady_clock::now() - start;
}

struct Verified {
  int64_t file_bytes = 0;
  size_t index_bytes = 0;
  double build_ms = 0;
  int regions = 0;
  int fallbacks = 0;       // regions that the library answered although there was an index
  std::string difference;  // the first; empty when there is none
};

// Indexed regions of `level` against the whole of it.
Result<void> VerifyLevel(Source& source, const Codec& codec, const ImageInfo& info, int level,
                         std::span<const uint8_t> index, std::mt19937_64& random, Verified& found) {
  constexpr int kRegions = 8;
  const auto below = [&random](int n) { return static_cast<int>(random() % static_cast<uint64_t>(n)); };
  auto whole = DecodeToImage(source, {}, level, Variant::kNaive);
  if (!whole) return whole.error();
  for (int n = 0; n < kRegions; ++n) {
    Region region{.width = 1 + below(std::min(info.size.width, 1500)),
                  .height = 1 + below(std::min(info.size.height, 1500))};
    region.x = below(info.size.width - region.width + 1);
    region.y = below(info.size.height - region.height + 1);
    const Region covered = LevelRegion(info, region, level);
    Image part(covered.size(), info.channels);
    auto report = codec.decode(source,
                               {.region = region,
                                .level = level,
                                .variant = Variant::kIndexed,
                                .threads = 1 + n % 2,
                                .index = index},
                               part.view());
    if (!report) return report.error();
    ++found.regions;
    if (!report->fallback.empty()) ++found.fallbacks;
    if (found.difference.empty() && Compare(part.view(), whole->view().crop(covered)).maximum != 0)
      found.difference =
          fmt::format("level {} region {},{},{},{}", level, region.x, region.y, region.width, region.height);
  }
  return {};
}

Result<Verified> Verify(const std::string& path) {
  auto source = Source::Open(path);
  if (!source) return source.error();
  auto codec = CodecOf(**source);
  if (!codec) return codec.error();
  const auto start = std::chrono::steady_clock::now();
  auto index = IndexOf(path);
  if (!index) return index.error();
  Verified found{
      .file_bytes = (*source)->size(), .index_bytes = index->size(), .build_ms = Since(start).count()};
  auto info = (*codec)->probe(**source);
  if (!info) return info.error();
  std::mt19937_64 random(1);
  for (int level = 0; level < static_cast<int>(info->levels.size()); ++level) {
    auto done = VerifyLevel(**source, **codec, *info, level, *index, random, found);
    if (!done) return done.error();
  }
  return found;
}

int VerifyAll(const std::vector<std::string>& files) {
  int same = 0, differ = 0, without = 0;
  for (const std::string& file : files) {
    auto found = Verify(file);
    if (!found) {
      ++without;
      fmt::print("not compared: {}\n", found.error().message);
      continue;
    }
    ++(found->difference.empty() ? same : differ);
    fmt::print("{}: index {} bytes ({:.2f} % of the file), built in {:.1f} ms, {} regions {}{}\n", file,
               found->index_bytes,
               100.0 * static_cast<double>(found->index_bytes) / static_cast<double>(found->file_bytes),
               found->build_ms, found->regions,
               found->difference.empty() ? "identical" : "DIFFER first at " + found->difference,
               found->fallbacks > 0 ? fmt::format(", {} by the library", found->fallbacks) : "");
    std::fflush(stdout);
  }
  fmt::print("{} files identical, {} differ, {} not compared\n", same, differ, without);
  return differ > 0 || same == 0 ? 1 : 0;
}

}  // namespace

std::function<int()> AddIndex(CLI::App& app, CLI::App*& command) {
  auto files = std::make_shared<std::vector<std::string>>();
  command = app.add_subcommand("index", "Writes FILE.mcuindex: where MCUs begin in a JPEG, for fast regions");
  command->add_option("FILE", *files, "JPEG files, sequential Huffman")->required();
  auto verify = std::make_shared<bool>(false);
  command->add_flag("--verify", *verify,
                    "Write nothing; compare regions by the index with the crop of a whole decode");
  return [files, verify] {
    if (*verify) return VerifyAll(*files);
    int status = 0;
    for (const std::string& file : *files) {
      const auto start = std::chrono::steady_clock::now();
      auto index = IndexOf(file);
      auto written = index ? WriteWhole(file + ".mcuindex", *index) : Result<void>(index.error());
      if (!written) {
        fmt::print(stderr, "iiifbench index: {}\n", written.error().message);
        status = 1;
        continue;
      }
      fmt::print("{}.mcuindex: {} bytes in {:.1f} ms\n", file, index->size(), Since(start).count());
    }
    return status;
  };
}

}  // namespace iiifbench
