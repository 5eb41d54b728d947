#include "benchmarks/peers/libraries/part.h"

#include <memory>

#include "benchmarks/common/pages.h"
#include "kernels/codecs/tiff/file.h"
#include "kernels/codecs/tiff/tile.h"

namespace iiifbench::peers {
namespace {

// What one run needs. `tiles` stays empty where the codec decodes from the file.
struct Work {
  OpenPage page;
  std::vector<std::vector<uint8_t>> tiles;
  uint16_t compression = 0;
  size_t tile_bytes = 0;  // decoded
  tiff::TileScratch scratch;
  Image pixels;
  std::vector<uint8_t> answer;
};

Result<void> ReadTiles(const Task& task, Work& work) {
  auto file = tiff::File::Open(*work.page.source);
  if (!file) return file.error();
  const tiff::Level& level = (*file)->levels()[static_cast<size_t>(task.level)];
  auto selected = (*file)->Select(level);
  if (!selected) return selected.error();
  work.compression = level.compression;
  work.tile_bytes =
      static_cast<size_t>(level.tile_width) * static_cast<size_t>(level.tile_height) * 3;
  const Region region = OnLevel(task);
  for (int row = region.y / level.tile_height; row * level.tile_height < region.bottom(); ++row) {
    for (int column = region.x / level.tile_width; column * level.tile_width < region.right();
         ++column) {
      const auto index = static_cast<uint32_t>(row * level.across() + column);
      std::vector<uint8_t> tile(TIFFGetStrileByteCount((*file)->handle(), index));
      if (TIFFReadRawTile((*file)->handle(), index, tile.data(),
                          static_cast<tmsize_t>(tile.size())) < 0)
        return (*file)->Failure("read a tile");
      work.tiles.push_back(std::move(tile));
    }
  }
  return {};
}

Result<void> DecodePixels(const Task& task, Work& work) {
  const Size size = OnLevel(task).size();
  if (work.pixels.size() != size) work.pixels = Image(size, work.page.info.channels);
  auto report = work.page.codec->decode(
      *work.page.source, {.region = task.region, .level = task.level, .variant = Variant::kBest},
      work.pixels.view());
  if (!report) return report.error();
  return {};
}

Result<std::shared_ptr<Work>> Prepare(const Task& task, bool by_tiles) {
  auto page = OpenForBench(task.path, Variant::kBest);
  if (!page) return page.error();
  auto work = std::make_shared<Work>();
  work->page = std::move(*page);
  auto decoded = DecodePixels(task, *work);
  if (decoded && by_tiles) decoded = ReadTiles(task, *work);
  if (!decoded) return decoded.error();
  return work;
}

// Who decodes, as the label says it; empty: there is nothing to decode.
std::string DecoderOf(const Task& task) {
  if (task.format == "tiff" && task.encode.compression == "none") return "";
  const std::string_view library = OurLibrary(task);
  return library.empty() ? fmt::format("our {} decoder", task.encode.compression)
                         : std::string(library);
}

}  // namespace

std::optional<Job> PartOf(const Task& task) {
  if (task.kind != Kind::kRequest || task.format == "jpeg" || task.region.size() == task.whole)
    return {};
  const std::string decoder = DecoderOf(task);
  const bool by_tiles =
      !decoder.empty() && task.format == "tiff" && task.encode.compression != "jpeg";
  const bool by_codec = !decoder.empty() && !by_tiles;
  auto prepared = std::make_shared<Result<std::shared_ptr<Work>>>(Prepare(task, by_tiles));
  Job job{.label = fmt::format("{}{}JPEG encoding", kPartLabel,
                               decoder.empty() ? "" : decoder + " and "),
          .differs = "a part of our own work: the bound of the rest",
          .part = true};
  job.run = [=](Answer&) -> Result<void> {
    if (!*prepared) return prepared->error();
    Work& work = ***prepared;
    for (const std::vector<uint8_t>& tile : work.tiles) {
      work.scratch.stored = tile;
      auto decoded =
          tiff::DecodeStored(work.compression, work.scratch, work.tile_bytes, work.tile_bytes);
      if (!decoded) return Fail(decoded.error().kind, "{}: {}", task.path, decoded.error().message);
    }
    if (by_codec) {
      auto decoded = DecodePixels(task, work);
      if (!decoded) return decoded;
    }
    return FindCodec("jpeg")->encode(work.pixels.view(), {.quality = task.quality}, work.answer);
  };
  return job;
}

}  // namespace iiifbench::peers
