#include "kernels/codecs/tiff/encode.h"

#include <libdeflate.h>
#include <tiffio.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>

#include "kernels/image/parallel.h"

namespace iiifbench::tiff {
namespace {

// One tile or strip of a picture: rows of `width` pixels, of which `area` lies in the picture.
struct PlainUnit {
  ConstPixelView image;
  Region area;
  int width = 0, rows = 0;
};

// What libtiff writes into.
struct Memory {
  std::vector<uint8_t>* bytes;
  size_t position = 0;
  // Set while libtiff is given a tile that is stored as it is: it hands on a place without looking
  // at it, and the samples go from the picture into the file at once.
  const PlainUnit* plain = nullptr;
};

// Calls `row(samples in the picture)` for each row of the unit; below the picture its last row
// stands again.
template <typename Row>
void ForEachRow(const PlainUnit& unit, const Row& row) {
  const auto inside =
      static_cast<size_t>(unit.area.width) * static_cast<size_t>(unit.image.channels);
  for (int y = 0; y < unit.rows; ++y) {
    row(std::span(unit.image.row(std::min(unit.area.y + y, unit.image.height - 1)) +
                      ptrdiff_t{unit.area.x} * unit.image.channels,
                  inside));
  }
}

// The samples behind the bytes: appended, since a resize would write zeros first.
void AppendPlain(const PlainUnit& unit, std::vector<uint8_t>& bytes) {
  const auto channels = static_cast<size_t>(unit.image.channels);
  ForEachRow(unit, [&](std::span<const uint8_t> inside) {
    bytes.insert(bytes.end(), inside.begin(), inside.end());
    for (size_t i = inside.size(); i < static_cast<size_t>(unit.width) * channels; ++i)
      bytes.push_back(bytes[bytes.size() - channels]);
  });
}

tmsize_t ReadMemory(thandle_t handle, void* into, tmsize_t count) {
  auto* memory = static_cast<Memory*>(handle);
  const size_t left = memory->bytes->size() - std::min(memory->position, memory->bytes->size());
  const size_t n = std::min(left, static_cast<size_t>(count));
  std::memcpy(into, memory->bytes->data() + memory->position, n);
  memory->position += n;
  return static_cast<tmsize_t>(n);
}
tmsize_t WriteMemory(thandle_t handle, void* from, tmsize_t count) {
  auto* memory = static_cast<Memory*>(handle);
  std::vector<uint8_t>& bytes = *memory->bytes;
  const size_t end = memory->position + static_cast<size_t>(count);
  if (memory->plain != nullptr) {
    if (memory->position != bytes.size()) return -1;
    AppendPlain(*memory->plain, bytes);
    if (bytes.size() != end) return -1;
  } else if (memory->position == bytes.size()) {
    const auto* first = static_cast<const uint8_t*>(from);
    bytes.insert(bytes.end(), first, first + count);
  } else {
    if (end > bytes.size()) bytes.resize(end);
    std::memcpy(bytes.data() + memory->position, from, static_cast<size_t>(count));
  }
  memory->position = end;
  return count;
}
toff_t SeekMemory(thandle_t handle, toff_t offset, int whence) {
  auto* memory = static_cast<Memory*>(handle);
  memory->position = whence == SEEK_SET   ? offset
                     : whence == SEEK_CUR ? memory->position + offset
                                          : memory->bytes->size() + offset;
  return memory->position;
}
int CloseMemory(thandle_t) { return 0; }
toff_t SizeOfMemory(thandle_t handle) { return static_cast<Memory*>(handle)->bytes->size(); }

struct CloseTiff {
  void operator()(TIFF* t) const { TIFFClose(t); }
};

Result<uint16_t> CompressionTag(const std::string& name) {
  if (name == "none") return uint16_t{COMPRESSION_NONE};
  if (name == "lzw") return uint16_t{COMPRESSION_LZW};
  if (name == "deflate") return uint16_t{COMPRESSION_ADOBE_DEFLATE};
  if (name == "zstd") return uint16_t{COMPRESSION_ZSTD};
  if (name == "jpeg") return uint16_t{COMPRESSION_JPEG};
  return Fail(ErrorKind::kUnsupported,
              "TIFF compression '{}'; none, lzw, deflate, zstd and jpeg are supported", name);
}

// Bytes of one unit; tiles repeat their last row and column beyond the picture, which costs little
// after prediction.
void Gather(const PlainUnit& unit, std::vector<uint8_t>& samples) {
  const auto channels = static_cast<size_t>(unit.image.channels);
  const size_t row_bytes = static_cast<size_t>(unit.width) * channels;
  samples.resize(row_bytes * static_cast<size_t>(unit.rows));
  uint8_t* to = samples.data();
  ForEachRow(unit, [&](std::span<const uint8_t> inside) {
    std::memcpy(to, inside.data(), inside.size());
    for (size_t i = inside.size(); i < row_bytes; ++i) to[i] = to[i - channels];
    to += row_bytes;
  });
}

// Predictor 2, from the last byte on; eight bytes at a time, whose borrows are kept apart by their
// top bits.
void Difference(std::vector<uint8_t>& unit, size_t row_bytes, int channels) {
  constexpr uint64_t kTop = 0x8080808080808080;
  const auto before = static_cast<size_t>(channels);
  for (size_t start = 0; start < unit.size(); start += row_bytes) {
    uint8_t* row = unit.data() + start;
    size_t end = row_bytes;
    for (; end >= before + 8; end -= 8) {
      uint64_t a = 0, b = 0;
      std::memcpy(&a, row + end - 8, 8);
      std::memcpy(&b, row + end - 8 - before, 8);
      const uint64_t difference = ((a | kTop) - (b & ~kTop)) ^ ((a ^ ~b) & kTop);
      std::memcpy(row + end - 8, &difference, 8);
    }
    for (size_t i = end - 1; i >= before; --i)
      row[i] = static_cast<uint8_t>(row[i] - row[i - before]);
  }
}

Result<void> Compress(uint16_t tag, int level, std::vector<uint8_t>& unit,
                      std::vector<uint8_t>& stored) {
  if (tag == COMPRESSION_ZSTD) {
    struct FreeContext {
      void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
    };
    // Kept: its tables are larger than a tile.
    thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
    stored.resize(ZSTD_compressBound(unit.size()));
    const size_t got = ZSTD_compressCCtx(context.get(), stored.data(), stored.size(), unit.data(),
                                         unit.size(), level);
    if (ZSTD_isError(got)) return Fail(ErrorKind::kIo, "zstd: {}", ZSTD_getErrorName(got));
    stored.resize(got);
    return {};
  }
  struct Free {
    void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
  };
  const std::unique_ptr<libdeflate_compressor, Free> compressor(libdeflate_alloc_compressor(level));
  if (compressor == nullptr)
    return Fail(ErrorKind::kUnsupported, "deflate level {}; 0 to 12 are supported", level);
  stored.resize(libdeflate_zlib_compress_bound(compressor.get(), unit.size()));
  const size_t got = libdeflate_zlib_compress(compressor.get(), unit.data(), unit.size(),
                                              stored.data(), stored.size());
  if (got == 0)
    return Fail(ErrorKind::kIo, "libdeflate could not compress a tile of {} bytes", unit.size());
  stored.resize(got);
  return {};
}

// Half in both directions by the mean of 2x2.
Image Halve(ConstPixelView image) {
  Image half({std::max(1, image.width / 2), std::max(1, image.height / 2)}, image.channels);
  const int channels = image.channels;
  for (int y = 0; y < half.height(); ++y) {
    const uint8_t* a = image.row(std::min(2 * y, image.height - 1));
    const uint8_t* b = image.row(std::min(2 * y + 1, image.height - 1));
    uint8_t* to = half.view().row(y);
    const int next = image.width > 1 ? channels : 0;
    for (int x = 0; x < half.width(); ++x) {
      for (int c = 0; c < channels; ++c) {
        const int i = 2 * x * channels + c;
        to[x * channels + c] =
            static_cast<uint8_t>((a[i] + a[i + next] + b[i] + b[i + next] + 2) / 4);
      }
    }
  }
  return half;
}

Result<void> WriteDirectory(TIFF* tiff, ConstPixelView image) {
  if (!TIFFWriteDirectory(tiff))
    return Fail(ErrorKind::kIo, "libtiff: cannot write the directory of {}x{}", image.width,
                image.height);
  return {};
}

Result<void> WritePage(TIFF* tiff, Memory& memory, ConstPixelView image,
                       const EncodeOptions& options, uint16_t tag, bool reduced) {
  const bool tiled = options.tile.width > 0;
  const bool jpeg = tag == COMPRESSION_JPEG;
  const bool predictor =
      options.predictor &&
      (tag == COMPRESSION_LZW || tag == COMPRESSION_ADOBE_DEFLATE || tag == COMPRESSION_ZSTD);
  const int unit_width = tiled ? options.tile.width : image.width;
  const int unit_rows = tiled ? options.tile.height : std::min(image.height, 16);
  TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, reduced ? FILETYPE_REDUCEDIMAGE : 0);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<uint32_t>(image.width));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<uint32_t>(image.height));
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, image.channels);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, tag);
  if (jpeg && image.channels == 3) {
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_YCBCR);
    const bool half_width =
        options.subsampling == Subsampling::k420 || options.subsampling == Subsampling::k422;
    const bool half_height =
        options.subsampling == Subsampling::k420 || options.subsampling == Subsampling::k440;
    TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, half_width ? 2 : 1, half_height ? 2 : 1);
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  } else {
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC,
                 image.channels == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
  }
  if (jpeg) TIFFSetField(tiff, TIFFTAG_JPEGQUALITY, options.quality);
  if (predictor) TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
  if (tiled) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, static_cast<uint32_t>(unit_width));
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, static_cast<uint32_t>(unit_rows));
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, static_cast<uint32_t>(unit_rows));
  }
  const int across = (image.width + unit_width - 1) / unit_width,
            down = (image.height + unit_rows - 1) / unit_rows;
  auto unit_of = [&](int index) {
    Region area{index % across * unit_width, index / across * unit_rows, 0, 0};
    area.width = std::min(unit_width, image.width - area.x);
    area.height = std::min(unit_rows, image.height - area.y);
    // The last strip is short, a tile never is.
    return PlainUnit{image, area, unit_width, tiled ? unit_rows : area.height};
  };
  auto failed = [&](uint32_t index) {
    return Fail(ErrorKind::kIo, "libtiff: cannot write tile {} of {}x{}", index, image.width,
                image.height);
  };
  if (tag == COMPRESSION_NONE) {
    // One copy of the samples; through a buffer it would be two, which a 1.5 Mpx page notices.
    for (int index = 0; index < across * down; ++index) {
      const PlainUnit unit = unit_of(index);
      const tmsize_t count = tmsize_t{unit.width} * unit.rows * image.channels;
      void* place = const_cast<uint8_t*>(image.data);
      memory.plain = &unit;
      const tmsize_t written =
          tiled ? TIFFWriteRawTile(tiff, static_cast<uint32_t>(index), place, count)
                : TIFFWriteRawStrip(tiff, static_cast<uint32_t>(index), place, count);
      memory.plain = nullptr;
      if (written < 0) return failed(static_cast<uint32_t>(index));
    }
    return WriteDirectory(tiff, image);
  }
  const bool own = tag != COMPRESSION_LZW && !jpeg;
  // A row of tiles at a time, so that memory stays small.
  static thread_local std::vector<std::vector<uint8_t>>
      kept;  // the caller's; fresh pages cost more than copies
  std::vector<std::vector<uint8_t>>& stored = kept;
  if (stored.size() < static_cast<size_t>(across)) stored.resize(static_cast<size_t>(across));
  for (int row = 0; row < down; ++row) {
    auto packed = ForEachPiece(across, own ? options.threads : 1, [&](int column) -> Result<void> {
      static thread_local std::vector<uint8_t> unit;
      Gather(unit_of(row * across + column), unit);
      auto& target = stored[static_cast<size_t>(column)];
      if (!own) {
        target.swap(unit);
        return {};
      }
      if (predictor)
        Difference(unit, static_cast<size_t>(unit_width) * static_cast<size_t>(image.channels),
                   image.channels);
      return Compress(tag, options.compression_level, unit, target);
    });
    if (!packed) return packed;
    for (int column = 0; column < across; ++column) {
      auto& bytes = stored[static_cast<size_t>(column)];
      const auto index = static_cast<uint32_t>(row * across + column);
      const auto count = static_cast<tmsize_t>(bytes.size());
      tmsize_t written = 0;
      if (own) {
        written = tiled ? TIFFWriteRawTile(tiff, index, bytes.data(), count)
                        : TIFFWriteRawStrip(tiff, index, bytes.data(), count);
      } else {
        written = tiled ? TIFFWriteEncodedTile(tiff, index, bytes.data(), count)
                        : TIFFWriteEncodedStrip(tiff, index, bytes.data(), count);
      }
      if (written < 0) return failed(index);
    }
  }
  return WriteDirectory(tiff, image);
}

}  // namespace

Result<void> Encode(ConstPixelView image, const EncodeOptions& options, std::vector<uint8_t>& out) {
  IIIFBENCH_CHECK(image.channels == 1 || image.channels == 3, "{} channels", image.channels);
  auto tag = CompressionTag(options.compression);
  if (!tag) return tag.error();
  out.clear();
  Memory memory{&out};
  // With a pyramid a third more, and the directories.
  if (*tag == COMPRESSION_NONE)
    out.reserve(static_cast<size_t>(image.size().pixels() * image.channels) * 3 / 2 +
                (size_t{1} << 16));
  // Little-endian on every machine; BigTIFF where 32-bit offsets might not do.
  const bool big = image.size().pixels() * image.channels * 4 / 3 > int64_t{4000} * 1000 * 1000;
  const std::unique_ptr<TIFF, CloseTiff> tiff(
      TIFFClientOpen("encode", big ? "wl8" : "wl", &memory, ReadMemory, WriteMemory, SeekMemory,
                     CloseMemory, SizeOfMemory, nullptr, nullptr));
  if (tiff == nullptr) return Fail(ErrorKind::kIo, "libtiff: cannot open memory for writing");
  auto written = WritePage(tiff.get(), memory, image, options, *tag, false);
  if (!written) return written;
  const bool pyramid = options.pyramid && options.tile.width > 0;
  Image level;
  ConstPixelView above = image;
  while (pyramid && (above.width > options.tile.width || above.height > options.tile.height)) {
    Image half = Halve(above);
    level = std::move(half);
    above = level.view();
    written = WritePage(tiff.get(), memory, above, options, *tag, true);
    if (!written) return written;
  }
  return {};
}

}  // namespace iiifbench::tiff
