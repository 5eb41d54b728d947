#include "benchmarks/peers/libraries/libtiff.h"

#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace iiifbench::peers {
namespace {

struct Memory {
  std::vector<uint8_t> bytes;
  size_t at = 0;
};
Memory& Of(thandle_t handle) { return *static_cast<Memory*>(handle); }

tmsize_t ReadNothing(thandle_t, void*, tmsize_t) { return 0; }
tmsize_t Write(thandle_t handle, void* from, tmsize_t count) {
  Memory& memory = Of(handle);
  const size_t end = memory.at + static_cast<size_t>(count);
  if (memory.at == memory.bytes.size()) {
    // As ours: a resize would write zeros first.
    const auto* first = static_cast<const uint8_t*>(from);
    memory.bytes.insert(memory.bytes.end(), first, first + count);
  } else {
    if (end > memory.bytes.size()) memory.bytes.resize(end);
    std::memcpy(memory.bytes.data() + memory.at, from, static_cast<size_t>(count));
  }
  memory.at = end;
  return count;
}
toff_t Seek(thandle_t handle, toff_t offset, int whence) {
  Memory& memory = Of(handle);
  memory.at = offset + (whence == SEEK_SET   ? 0
                        : whence == SEEK_CUR ? memory.at
                                             : memory.bytes.size());
  return memory.at;
}
int Close(thandle_t) { return 0; }
toff_t SizeOf(thandle_t handle) { return Of(handle).bytes.size(); }

uint16_t TagOf(const std::string& compression) {
  return compression == "lzw"       ? COMPRESSION_LZW
         : compression == "zstd"    ? COMPRESSION_ZSTD
         : compression == "deflate" ? COMPRESSION_ADOBE_DEFLATE
         : compression == "jpeg"    ? COMPRESSION_JPEG
                                    : COMPRESSION_NONE;
}

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};

void SetFields(TIFF* tiff, const Task& task) {
  const EncodeOptions& o = task.encode;
  const uint16_t tag = TagOf(o.compression);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<uint32_t>(task.pixels.width));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<uint32_t>(task.pixels.height));
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_TILEWIDTH, static_cast<uint32_t>(o.tile.width));
  TIFFSetField(tiff, TIFFTAG_TILELENGTH, static_cast<uint32_t>(o.tile.height));
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, tag);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC,
               tag == COMPRESSION_JPEG ? PHOTOMETRIC_YCBCR : PHOTOMETRIC_RGB);
  if (tag == COMPRESSION_JPEG) {
    TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, 2, 2);
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    TIFFSetField(tiff, TIFFTAG_JPEGQUALITY, o.quality);
  } else if (tag != COMPRESSION_NONE) {
    TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
  }
  if (tag == COMPRESSION_ADOBE_DEFLATE) TIFFSetField(tiff, TIFFTAG_ZIPQUALITY, o.compression_level);
  if (tag == COMPRESSION_ZSTD) TIFFSetField(tiff, TIFFTAG_ZSTD_LEVEL, o.compression_level);
}

}  // namespace

Result<void> EncodeByLibtiff(const Task& task, Answer& answer) {
  static Memory memory;
  memory.bytes.clear();
  memory.at = 0;
  const ConstPixelView& pixels = task.pixels;
  const Size tile = task.encode.tile;
  {
    const std::unique_ptr<TIFF, CloseTiff> tiff(TIFFClientOpen(
        "memory", "wl", &memory, ReadNothing, Write, Seek, Close, SizeOf, nullptr, nullptr));
    if (tiff == nullptr) return Fail(ErrorKind::kIo, "libtiff: cannot open memory for writing");
    SetFields(tiff.get(), task);
    std::vector<uint8_t> unit(static_cast<size_t>(tile.pixels()) * 3);
    for (int y = 0; y < pixels.height; y += tile.height) {
      for (int x = 0; x < pixels.width; x += tile.width) {
        const auto inside = static_cast<size_t>(std::min(tile.width, pixels.width - x)) * 3;
        const size_t row_bytes = static_cast<size_t>(tile.width) * 3;
        // Beyond the picture the last row and column are repeated, like ours.
        for (int row = 0; row < tile.height; ++row) {
          uint8_t* to = unit.data() + row_bytes * static_cast<size_t>(row);
          std::memcpy(to, pixels.row(std::min(y + row, pixels.height - 1)) + ptrdiff_t{x} * 3,
                      inside);
          for (size_t i = inside; i < row_bytes; ++i) to[i] = to[i - 3];
        }
        if (TIFFWriteTile(tiff.get(), unit.data(), static_cast<uint32_t>(x),
                          static_cast<uint32_t>(y), 0, 0) < 0)
          return Fail(ErrorKind::kIo, "libtiff: cannot write the tile at {},{}", x, y);
      }
    }
  }
  if (answer.keep) answer.bytes = memory.bytes;
  return {};
}

}  // namespace iiifbench::peers
