#include "harness/archive/facts.h"

#include <array>
#include <filesystem>

#include "harness/archive/jp2_markers.h"
#include "harness/archive/row_file.h"

namespace iiifbench {
namespace {

std::string Sampling(const ImageInfo& info) {
  const Size luma = info.facts.luma_sampling, chroma = info.facts.chroma_sampling;
  if (info.channels == 1) return "grey";
  if (chroma.width < 1 || chroma.height < 1) return "unknown";
  const int across = luma.width / chroma.width, down = luma.height / chroma.height;
  if (across == 1 && down == 1) return "4:4:4";
  if (across == 2 && down == 1) return "4:2:2";
  if (across == 2 && down == 2) return "4:2:0";
  if (across == 1 && down == 2) return "4:4:0";
  if (across == 4 && down == 1) return "4:1:1";
  return fmt::format("{}x{}", across, down);
}

std::string SizeClass(int64_t pixels) {
  static constexpr std::array<int, 6> kLimits = {1, 4, 16, 64, 256, 1024};  // Mpx
  int from = 0;
  for (const int limit : kLimits) {
    if (pixels < int64_t{limit} * 1'000'000) return fmt::format("{}-{} Mpx", from, limit);
    from = limit;
  }
  return fmt::format("over {} Mpx", from);
}

void AddFormatFacts(std::string_view format, const ImageInfo& info, Row& row) {
  const ImageFacts& facts = info.facts;
  if (!facts.compression.empty()) row["compression"] = facts.compression;
  row["lossless"] = facts.lossless;
  if (format == "jpeg") {
    row["progressive"] = facts.progressive;
    row["sampling"] = Sampling(info);
    row["restart_interval"] = facts.restart_interval;
  } else if (format == "jp2") {
    row["layers"] = facts.layers;
    row["progression"] = facts.progression;
    row["decompositions"] = facts.decompositions;
    row["high_throughput"] = facts.high_throughput;
  } else if (format == "tiff") {
    row["predictor"] = facts.predictor;
  }
  row["orientation"] = facts.orientation;
  row["icc_bytes"] = facts.icc_bytes;
}

Row Damaged(const std::string& path, int64_t bytes, std::string_view kind, const std::string& why) {
  return {{"file", NameToText(path)}, {"bytes", bytes}, {"damage", why}, {"kind", kind}};
}

bool NamedLikeAnImage(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  if (extension.empty()) return false;
  extension.erase(0, 1);
  for (char& c : extension) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return CodecForExtension(extension) != nullptr;
}

}  // namespace

std::string_view DamageKind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUnsupported:
      return "unsupported";
    case ErrorKind::kTooLarge:
      return "too large";
    case ErrorKind::kNotFound:
    case ErrorKind::kIo:
      return "unreadable";
    case ErrorKind::kBadInput:
    case ErrorKind::kBadRequest:
      break;
  }
  return "damaged";
}

std::string StratumOf(std::string_view format, const ImageInfo& info) {
  const bool tiled = info.tile.width > 0;
  std::string_view coding = info.facts.lossless ? "lossless" : "lossy";
  if (info.facts.progressive) coding = "progressive";
  if (info.facts.high_throughput) coding = info.facts.lossless ? "HT lossless" : "HT lossy";
  return fmt::format("{}, {}, {}, {}, {}", format, tiled ? "tiled" : "untiled",
                     info.levels.size() > 1 ? "levels" : "one level", coding,
                     SizeClass(info.size.pixels()));
}

Row FactsOf(const std::string& path) {
  auto source = Source::Open(path);
  if (!source) return Damaged(path, 0, DamageKind(source.error().kind), source.error().message);
  const int64_t bytes = (*source)->size();
  auto codec = CodecOf(**source);
  if (!codec && codec.error().kind == ErrorKind::kUnsupported) {
    if (!NamedLikeAnImage(path))
      return {{"file", NameToText(path)}, {"bytes", bytes}, {"other", true}};
    return Damaged(path, bytes, "damaged",
                   bytes == 0 ? path + ": the file is empty" : codec.error().message);
  }
  if (!codec) return Damaged(path, bytes, DamageKind(codec.error().kind), codec.error().message);
  const std::string_view format = (*codec)->name;
  auto info = (*codec)->probe(**source);
  if (!info) return Damaged(path, bytes, DamageKind(info.error().kind), info.error().message);
  Row row = {{"file", NameToText(path)},
             {"bytes", bytes},
             {"format", format},
             {"width", info->size.width},
             {"height", info->size.height},
             {"channels", info->channels},
             {"bits", info->bits_per_sample},
             {"levels", info->levels.size()},
             {"tile", {info->tile.width, info->tile.height}}};
  AddFormatFacts(format, *info, row);
  if (format == "jp2") {
    auto markers = ReadJp2Markers(**source);
    if (!markers)
      return Damaged(path, bytes, DamageKind(markers.error().kind), markers.error().message);
    row["precincts"] = markers->precincts;
    row["plt"] = markers->plt;
    row["tlm"] = markers->tlm;
  }
  row["stratum"] = StratumOf(format, *info);
  return row;
}

}  // namespace iiifbench
