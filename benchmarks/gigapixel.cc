// gigapixel: does a region of a picture of any size decode in bounded memory, and in how much time?
//
// For TIFF, JPEG 2000 and HTJ2K a small file (2048 pixels a side) and a large one are written by
// repeating one tile (data/repeated_tile.h) and removed at the end. A region of 1024x1024 across
// tile edges in the middle is decoded from each in a process of its own and checked against the
// tile; the peak resident memory of the two decodes may differ by --limit-mb. Exit status 1 when
// one differs by more, or is wrong.
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "benchmarks/common/bench.h"
#include "data/command_line.h"
#include "data/repeated_tile.h"

namespace iiifbench {
namespace {

struct Format {
  std::string_view name;
  std::string_view codec;
  std::string_view extension;
  int tile;
  EncodeOptions options;
};
const Format kFormats[] = {
    {"tiff_deflate", "tiff", "tif", 256, {.compression = "deflate"}},
    {"jp2_10to1_tiled", "jp2", "j2k", 1024, {.compression_ratio = 10}},
    {"htj2k_10to1_tiled", "jp2", "j2k", 1024, {.compression_ratio = 10, .high_throughput = true}},
};

// What the child found; sent through a pipe.
struct Outcome {
  double before_mb = 0, peak_mb = 0, milliseconds = 0;
  char failure[240] = {};
};

void DecodeRegion(const std::string& path, const Image& tile, Variant variant, int tolerance,
                  Outcome& outcome) {
  const auto fail = [&](const std::string& text) {
    std::snprintf(outcome.failure, 240, "%s", text.c_str());
  };
  auto source = Source::Open(path);
  if (!source) return fail(source.error().message);
  auto codec = CodecOf(**source);
  if (!codec) return fail(codec.error().message);
  malloc_trim(0);  // what writing the file left on the heap would hide what the decode takes
  BeginMeasured();
  outcome.before_mb = PeakMemoryMb();
  const auto start = std::chrono::steady_clock::now();
  auto info = (*codec)->probe(**source);
  if (!info) return fail(info.error().message);
  const Region region{info->size.width / 2 - 391, info->size.height / 2 - 613, 1024, 1024};
  Image out(region.size(), info->channels);
  DecodeRequest request{.region = region, .variant = variant};
  request.limits = {.max_pixels = int64_t{1} << 40, .max_memory_bytes = int64_t{1} << 40};
  auto report = (*codec)->decode(**source, request, out.view());
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  outcome.peak_mb = PeakMemoryMb();
  outcome.milliseconds = took.count();
  if (!report) return fail(report.error().message);
  for (int y = 0; y < region.height; ++y) {
    for (int x = 0; x < region.width; ++x) {
      const uint8_t* right = tile.view().row((region.y + y) % tile.height()) +
                             ptrdiff_t{3} * ((region.x + x) % tile.width());
      for (int c = 0; c < 3; ++c) {
        if (std::abs(out.view().row(y)[3 * x + c] - right[c]) > tolerance)
          return fail(fmt::format("pixel {},{} is not the tile's", region.x + x, region.y + y));
      }
    }
  }
}

// In a process of its own, so that nothing decoded before stands in its memory.
Outcome InChild(const std::string& path, const Image& tile, Variant variant, int tolerance) {
  Outcome outcome;
  int ends[2];
  if (::pipe(ends) != 0) {
    std::snprintf(outcome.failure, sizeof outcome.failure, "no pipe");
    return outcome;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    DecodeRegion(path, tile, variant, tolerance, outcome);
    const bool sent = ::write(ends[1], &outcome, sizeof outcome) == sizeof outcome;
    ::_exit(sent ? 0 : 1);
  }
  ::close(ends[1]);
  if (child < 0 || ::read(ends[0], &outcome, sizeof outcome) != sizeof outcome)
    std::snprintf(outcome.failure, sizeof outcome.failure, "the decoding process died");
  ::close(ends[0]);
  if (child > 0) ::waitpid(child, nullptr, 0);
  return outcome;
}

// What one tile decodes to: the reference of all.
Result<Image> TileAsDecoded(const Format& format, const std::string& folder) {
  const Codec& codec = *FindCodec(format.codec);
  std::vector<uint8_t> bytes;
  auto encoded = codec.encode(RepeatableTile(format.tile).view(), format.options, bytes);
  if (!encoded) return encoded.error();
  auto source = Source::Borrow(bytes, folder);
  return DecodeWhole(*source, Variant::kNaive);
}

bool Measure(const Format& format, const std::string& folder, int side, Variant variant,
             double limit_mb) {
  auto tile = TileAsDecoded(format, folder);
  if (!tile) {
    fmt::print("{:18} left out: {}\n", format.name, tile.error().message);
    return tile.error().kind == ErrorKind::kUnsupported;
  }
  Outcome outcomes[2];
  int64_t bytes[2] = {};
  const int sides[2] = {2048, side};
  for (int n = 0; n < 2; ++n) {
    const std::string path =
        fmt::format("{}/{}_{}.{}", folder, format.name, sides[n], format.extension);
    const int count = sides[n] / format.tile;
    auto written = WriteRepeated(*FindCodec(format.codec), RepeatableTile(format.tile),
                                 format.options, count, count, path);
    if (!written) {
      fmt::print(stderr, "gigapixel: {}\n", written.error().message);
      return false;
    }
    bytes[n] = static_cast<int64_t>(std::filesystem::file_size(path));
    outcomes[n] = InChild(path, *tile, variant, format.codec == "tiff" ? 0 : 2);
    std::filesystem::remove(path);
    if (outcomes[n].failure[0] != 0) {
      fmt::print(stderr, "gigapixel: {}: {}\n", path, outcomes[n].failure);
      return false;
    }
  }
  const double small = outcomes[0].peak_mb - outcomes[0].before_mb,
               large = outcomes[1].peak_mb - outcomes[1].before_mb;
  const bool bounded = large - small <= limit_mb;
  fmt::print(
      "{:18} {:7.0f} Mpx {:8.1f} MB {:8.1f} MB {:8.1f} MB {:+8.1f} MB  {:7.1f} ms {:7.1f} ms  {}\n",
      format.name, double(side) * side / 1e6, static_cast<double>(bytes[1]) / 1e6, small, large,
      large - small, outcomes[0].milliseconds, outcomes[1].milliseconds,
      bounded ? "bounded" : "GROWS WITH THE PICTURE");
  std::fflush(stdout);
  return bounded;
}

}  // namespace
}  // namespace iiifbench

int main(int argc, char** argv) {
  using namespace iiifbench;
  int side = 32768;
  double limit_mb = 24;
  std::string out = std::filesystem::temp_directory_path(), only, variant_name = "best";
  CLI::App app{
      "Peak memory and time of a 1024x1024 region of a large TIFF, JPEG 2000 and HTJ2K file, "
      "beside a small "
      "one."};
  app.add_option("--side", side, "Pixels a side of the large picture, a multiple of 1024")
      ->capture_default_str()
      ->check(CLI::Range(4096, 65536));
  app.add_option("--limit-mb", limit_mb, "How much more memory the large one may take")
      ->capture_default_str();
  app.add_option("--out", out, "Folder for the files, some 1 GB at 32768 a side; they are removed")
      ->capture_default_str();
  app.add_option("--only", only, "Formats whose name contains this");
  app.add_option("--variant", variant_name, "naive, library or best")
      ->capture_default_str()
      ->check(CLI::IsMember({"naive", "library", "best"}));
  app.footer("Examples:\n  gigapixel\n  gigapixel --side 8192 --only jp2 --limit-mb 24");
  if (const auto status = ParseCommandLine(app, argc, argv, "gigapixel")) return *status;
  if (std::ranges::none_of(
          kFormats, [&](const Format& f) { return f.name.find(only) != std::string_view::npos; })) {
    fmt::print(stderr, "gigapixel: --only {}: no such format; there are", only);
    for (const Format& format : kFormats) fmt::print(stderr, " {}", format.name);
    fmt::print(stderr, "\n");
    return 2;
  }
  Variant variant = Variant::kBest;
  for (Variant v : {Variant::kNaive, Variant::kLibrary})
    if (VariantName(v) == variant_name) variant = v;
  const std::string folder = fmt::format("{}/iiifbench-gigapixel-{}", out, ::getpid());
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    fmt::print(stderr, "gigapixel: {}: cannot make the folder: {}; choose another by --out\n",
               folder, error.message());
    return 1;
  }
  fmt::print(
      "region 1024x1024   picture      file       small's     large's    growth        small's    "
      "large's\n");
  bool ok = true;
  for (const Format& format : kFormats)
    if (format.name.find(only) != std::string_view::npos)
      ok = Measure(format, folder, side / 1024 * 1024, variant, limit_mb) && ok;
  std::filesystem::remove_all(folder, error);
  return ok ? 0 : 1;
}
