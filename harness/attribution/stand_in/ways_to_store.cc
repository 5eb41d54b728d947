#include "harness/attribution/stand_in/ways_to_store.h"

namespace iiifbench {
namespace {

constexpr int kFineQuality = 96;  // its steps are lost in the rounding of pixels

// A tile that info.json names, as a TIFF may have it (TIFF 6.0, section 15: multiples of 16).
Size TiffTile(const InfoDocument& info) {
  for (const TileOffer& tile : info.tiles) {
    if (tile.width % 16 == 0 && tile.height % 16 == 0 && tile.width <= 1024 && tile.height <= 1024)
      return {tile.width, tile.height};
  }
  return {256, 256};
}

Size Jp2Tile(const InfoDocument& info) {
  for (const TileOffer& tile : info.tiles) {
    if (tile.width >= 512 && tile.width <= 4096 && tile.height >= 512 && tile.height <= 4096)
      return {tile.width, tile.height};
  }
  return {1024, 1024};
}

}  // namespace

WayToStore PlainWay(const InfoDocument& info) {
  return {.name = "TIFF pyramid, tiles, no compression",
          .format = "TIFF",
          .coding = "none",
          .codec = "tiff",
          .extension = "tif",
          .options = {.tile = TiffTile(info), .compression = "none"}};
}

std::vector<WayToStore> WaysToStore(const InfoDocument& info, const BlockGrid& grid) {
  const Size tile = TiffTile(info), large = Jp2Tile(info);
  std::vector<WayToStore> out;
  const auto jpeg = [&](int quality) {
    out.push_back({.name = fmt::format("JPEG, about quality {}", quality),
                   .format = "JPEG",
                   .coding = "lossy",
                   .codec = "jpeg",
                   .extension = "jpg",
                   .options = {.quality = quality}});
  };
  const auto tiff = [&](const std::string& name, const char* coding, const EncodeOptions& options) {
    out.push_back({.name = name,
                   .format = "TIFF",
                   .coding = coding,
                   .codec = "tiff",
                   .extension = "tif",
                   .options = options});
  };
  const auto jp2 = [&](const char* name, const char* coding, const EncodeOptions& options) {
    out.push_back({.name = name,
                   .format = "JPEG 2000",
                   .coding = coding,
                   .codec = "jp2",
                   .extension = "jp2",
                   .options = options});
  };
  const std::vector<int> qualities = grid.there    ? std::vector<int>{grid.quality}
                                     : grid.judged ? std::vector<int>{kFineQuality}
                                                   : std::vector<int>{75, 92};
  for (int quality : qualities) jpeg(quality);
  tiff("TIFF pyramid, tiles, deflate or LZW", "deflate, LZW or zstd", {.tile = tile});
  // The size of its tiles shows in the latencies of small regions.
  for (int side : {128, 256, 512, 1024}) {
    if (tile == Size{side, side}) continue;
    tiff(fmt::format("TIFF pyramid, tiles of {0}x{0}, deflate or LZW", side),
         "deflate, LZW or zstd", {.tile = {side, side}});
  }
  tiff("TIFF pyramid, tiles, JPEG", "JPEG",
       {.quality = qualities.back(), .tile = tile, .compression = "jpeg"});
  tiff("TIFF without levels, tiles", "deflate, LZW or zstd", {.tile = tile, .pyramid = false});
  tiff("TIFF without levels, strips, deflate or LZW", "deflate, LZW or zstd", {.pyramid = false});
  tiff("TIFF without levels, strips, no compression", "none",
       {.compression = "none", .pyramid = false});
  jp2("JPEG 2000 lossless, untiled", "lossless", {});
  jp2("JPEG 2000 lossy, untiled", "lossy", {.compression_ratio = 10});
  jp2("JPEG 2000 lossless, tiles", "lossless", {.tile = large});
  jp2("JPEG 2000 lossy, tiles", "lossy", {.compression_ratio = 10, .tile = large});
  if (FindRecipe("htj2k_lossless") != nullptr)
    jp2("JPEG 2000 high throughput, untiled", "lossless, high throughput",
        {.high_throughput = true});
  out.push_back(
      {.name = "PNG", .format = "PNG", .coding = "lossless", .codec = "png", .extension = "png"});
  return out;
}

}  // namespace iiifbench
