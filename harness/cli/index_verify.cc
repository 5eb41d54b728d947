#include "harness/cli/index_verify.h"
#include "harness/cli/output.h"
#include "harness/stats/milliseconds.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

// The first column names the file already.
std::string WithoutName(std::string message, const std::string& name) {
  const size_t at = message.find(name + ": ");
  return at == std::string::npos ? message : message.erase(at, name.size() + 2);
}

// Text inside a cell of a Markdown table.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return cell;
}

// Regions of `level` against the whole of it.
Result<void> VerifyLevel(Source& source, const Codec& codec, const ImageInfo& info, int level,
                         std::span<const uint8_t> index, std::mt19937_64& random,
                         IndexVerified& found) {
  constexpr int kRegions = 8;
  const auto below = [&random](int n) {
    return static_cast<int>(random() % static_cast<uint64_t>(n));
  };
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
                                .variant = index.empty() ? Variant::kBest : Variant::kIndexed,
                                .threads = 1 + n % 2,
                                .index = index},
                               part.view());
    ++found.regions;
    const auto differs = [&](const std::string& how) {
      if (found.difference.empty())
        found.difference = fmt::format("level {} region {},{},{},{}{}", level, region.x, region.y,
                                       region.width, region.height, how);
    };
    if (!report) {  // a whole decode gave pixels
      differs(": " + WithoutName(report.error().message, source.name()));
      continue;
    }
    if (!report->fallback.empty()) ++found.fallbacks;
    if (found.reason.empty()) found.reason = report->fallback;
    if (Compare(part.view(), whole->view().crop(covered)).maximum != 0) differs("");
  }
  return {};
}

std::string ResultOf(const IndexVerified& v) {
  if (!v.difference.empty()) return "**DIFFERS** first at " + v.difference;
  if (v.regions == 0) return "not compared: " + v.reason;
  if (v.index_bytes == 0) return "identical, falls back: " + v.reason;
  if (v.fallbacks > 0)
    return fmt::format("identical, {} of {} fall back: {}", v.fallbacks, v.regions, v.reason);
  return "identical" + (v.reason.empty() ? "" : "; then " + v.reason);
}

// The files that `paths` name, those of a folder in the order of their names.
Result<std::vector<std::string>> FilesOf(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::exists(path, error)) return Fail(ErrorKind::kIo, "{}: no such file or folder", path);
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    const size_t first = files.size();
    fs::recursive_directory_iterator at(path, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
      std::error_code ignored;
      if (at->is_regular_file(ignored)) files.push_back(at->path().string());
    }
    if (error) return Fail(ErrorKind::kIo, "{}: cannot be walked: {}", path, error.message());
    std::sort(files.begin() + static_cast<ptrdiff_t>(first), files.end());
  }
  return files;
}

}  // namespace

IndexVerified VerifyIndex(Source& source, const Codec& codec) {
  IndexVerified found{.kind = std::string(codec.name)};
  const auto fails = [&](const Error& error) {
    found.reason = WithoutName(error.message, source.name());
    return found;
  };
  auto info = codec.probe(source);
  if (!info) return fails(info.error());
  if (codec.build_index == nullptr) {
    found.reason = fmt::format("not JPEG but {}, which needs no index", codec.name);
    return found;
  }
  found.kind = info->detail;
  const auto start = std::chrono::steady_clock::now();
  auto index = codec.build_index(source);
  found.build_ms = MsSince(start);
  if (index) {
    found.index_bytes = index->size();
  } else {
    fails(index.error());
  }
  std::mt19937_64 random(1);
  for (int level = 0; level < static_cast<int>(info->levels.size()); ++level) {
    auto done = VerifyLevel(source, codec, *info, level,
                            index ? std::span<const uint8_t>(*index) : std::span<const uint8_t>(),
                            random, found);
    if (!done) return fails(done.error());
  }
  return found;
}

int VerifyIndexes(const std::vector<std::string>& paths) {
  auto files = FilesOf(paths);
  if (!files) {
    Complain("iiifbench index: {}\n", files.error().message);
    return 1;
  }
  if (files->empty()) {
    Complain("iiifbench index: --verify {}: no file is in there\n", fmt::join(paths, " "));
    return 1;
  }
  int identical = 0, fall_back = 0, differ = 0, without = 0;
  Print("| file | kind | index | regions | result |\n|---|---|---:|---:|---|\n");
  for (const std::string& file : *files) {
    IndexVerified found;
    int64_t bytes = 0;
    auto source = Source::Open(file);
    auto codec = source ? CodecOf(**source) : Result<const Codec*>(source.error());
    if (codec) {
      bytes = (*source)->size();
      found = VerifyIndex(**source, **codec);
    } else {
      found.reason = WithoutName(codec.error().message, file);
    }
    if (!found.difference.empty()) {
      ++differ;
    } else if (found.regions == 0) {
      ++without;
    } else {
      ++(found.index_bytes == 0 ? fall_back : identical);
    }
    const std::string index = found.index_bytes == 0
                                  ? "-"
                                  : fmt::format("{:.2f} % in {:.1f} ms",
                                                100.0 * static_cast<double>(found.index_bytes) /
                                                    static_cast<double>(bytes),
                                                found.build_ms);
    Print("| {} | {} | {} | {} | {} |\n", Cell(file), Cell(found.kind.empty() ? "-" : found.kind),
          index, found.regions, Cell(ResultOf(found)));
    std::fflush(stdout);
  }
  Print(
      "\n{} files: {} identical by the index, {} identical without one, {} differ, {} not "
      "compared\n",
      files->size(), identical, fall_back, differ, without);
  return differ > 0 || identical + fall_back == 0 ? 1 : 0;
}

}  // namespace iiifbench
