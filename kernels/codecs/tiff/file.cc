#include "kernels/codecs/tiff/file.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace iiifbench::tiff {
namespace {

// libtiff's handlers are global; the text of the current thread's last message is kept here.
thread_local std::string last_message;

void OnError(const char* module, const char* format, std::va_list arguments) {
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  last_message = fmt::format("{}: {}", module == nullptr ? "libtiff" : module, text);
}
void OnWarning(const char*, const char*, std::va_list) {}

// Installed once, before the first open.
bool InstallHandlers() {
  TIFFSetErrorHandler(OnError);
  TIFFSetWarningHandler(OnWarning);
  return true;
}

tmsize_t Read(thandle_t handle, void* into, tmsize_t bytes) {
  auto* file = static_cast<File*>(handle);
  if (file->position > file->source_.size()) return 0;
  auto got = file->source_.ReadSome(
      file->position, std::span(static_cast<uint8_t*>(into), static_cast<size_t>(bytes)));
  if (!got) return -1;
  file->position += static_cast<int64_t>(*got);
  return static_cast<tmsize_t>(*got);
}
tmsize_t Write(thandle_t, void*, tmsize_t) { return -1; }
toff_t Seek(thandle_t handle, toff_t offset, int whence) {
  auto* file = static_cast<File*>(handle);
  const auto signed_offset = static_cast<int64_t>(offset);
  file->position = whence == SEEK_SET   ? signed_offset
                   : whence == SEEK_CUR ? file->position + signed_offset
                                        : file->source_.size() + signed_offset;
  return static_cast<toff_t>(file->position);
}
int Close(thandle_t) { return 0; }
toff_t FileSize(thandle_t handle) {
  return static_cast<toff_t>(static_cast<File*>(handle)->source_.size());
}
int Map(thandle_t, void**, toff_t*) { return 0; }
void Unmap(thandle_t, void*, toff_t) {}

template <typename T>
T Field(TIFF* handle, uint32_t tag, T fallback) {
  T value = fallback;
  return TIFFGetFieldDefaulted(handle, tag, &value) ? value : fallback;
}

constexpr size_t kMaxDirectories = 64;

}  // namespace

std::string_view CompressionName(uint16_t tag) {
  switch (tag) {
    case COMPRESSION_NONE:
      return "none";
    case COMPRESSION_LZW:
      return "lzw";
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE:
      return "deflate";
    case COMPRESSION_ZSTD:
      return "zstd";
    case COMPRESSION_JPEG:
      return "jpeg";
    case COMPRESSION_OJPEG:
      return "old_jpeg";
    case COMPRESSION_PACKBITS:
      return "packbits";
    case COMPRESSION_CCITTRLE:
    case COMPRESSION_CCITTRLEW:
    case COMPRESSION_CCITTFAX3:
    case COMPRESSION_CCITTFAX4:
      return "fax";
    default:
      return "other";
  }
}

Error File::Failure(std::string_view doing) const {
  return Fail(ErrorKind::kBadInput, "libtiff: {}: {}: {}", source_.name(), doing,
              last_message.empty() ? "failed without a message" : last_message);
}

Result<Level> File::Describe() const {
  Level level;
  uint32_t width = 0, height = 0;
  if (!TIFFGetField(handle_, TIFFTAG_IMAGEWIDTH, &width) ||
      !TIFFGetField(handle_, TIFFTAG_IMAGELENGTH, &height) || width == 0 || height == 0 ||
      width > 1u << 30 || height > 1u << 30) {
    return Fail(ErrorKind::kBadInput, "libtiff: {}: image of {}x{} pixels", source_.name(), width,
                height);
  }
  level.size = {static_cast<int>(width), static_cast<int>(height)};
  level.directory = TIFFCurrentDirOffset(handle_);
  level.tiled = TIFFIsTiled(handle_) != 0;
  uint32_t tile_width = width, tile_height = height;
  if (level.tiled) {
    TIFFGetField(handle_, TIFFTAG_TILEWIDTH, &tile_width);
    TIFFGetField(handle_, TIFFTAG_TILELENGTH, &tile_height);
  } else {
    tile_height =
        std::min<uint32_t>(Field<uint32_t>(handle_, TIFFTAG_ROWSPERSTRIP, height), height);
  }
  if (tile_width == 0 || tile_height == 0 || tile_width > 1u << 30 || tile_height > 1u << 30) {
    return Fail(ErrorKind::kBadInput, "libtiff: {}: tiles or strips of {}x{} pixels",
                source_.name(), tile_width, tile_height);
  }
  level.tile_width = static_cast<int>(tile_width);
  level.tile_height = static_cast<int>(tile_height);
  level.compression = Field<uint16_t>(handle_, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  uint16_t predictor = 1;
  if (level.compression == COMPRESSION_LZW || level.compression == COMPRESSION_ADOBE_DEFLATE ||
      level.compression == COMPRESSION_DEFLATE || level.compression == COMPRESSION_ZSTD) {
    TIFFGetField(handle_, TIFFTAG_PREDICTOR, &predictor);
  }
  level.predictor = predictor;
  if (!TIFFGetField(handle_, TIFFTAG_PHOTOMETRIC, &level.photometric))
    level.photometric = PHOTOMETRIC_MINISBLACK;
  level.bits = Field<uint16_t>(handle_, TIFFTAG_BITSPERSAMPLE, 1);
  level.samples = Field<uint16_t>(handle_, TIFFTAG_SAMPLESPERPIXEL, 1);
  level.planar = Field<uint16_t>(handle_, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  level.fill_order = Field<uint16_t>(handle_, TIFFTAG_FILLORDER, FILLORDER_MSB2LSB);
  level.orientation = Field<uint16_t>(handle_, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  const void* profile = nullptr;
  if (!TIFFGetField(handle_, TIFFTAG_ICCPROFILE, &level.icc_bytes, &profile)) level.icc_bytes = 0;
  return level;
}

Result<void> File::FindLevels() {
  auto first = Describe();
  if (!first) return first.error();
  levels_ = {*first};
  std::vector<uint64_t> candidates;
  uint16_t count = 0;
  uint64_t* offsets = nullptr;
  if (TIFFGetField(handle_, TIFFTAG_SUBIFD, &count, &offsets) && offsets != nullptr) {
    candidates.assign(offsets, offsets + std::min<size_t>(count, kMaxDirectories));
  }
  std::vector<Level> found;
  // Pages, as long as they can be read: a damaged later page does not spoil the first.
  for (size_t page = 1; page < kMaxDirectories && TIFFReadDirectory(handle_); ++page) {
    auto level = Describe();
    if (level) found.push_back(*level);
  }
  for (uint64_t offset : candidates) {
    if (!TIFFSetSubDirectory(handle_, offset)) break;
    auto level = Describe();
    if (level) found.push_back(*level);
  }
  // A level of the pyramid is the same picture made smaller: each side is the expected half to
  // within rounding. Other pages (a second picture, a mask) are not.
  for (bool added = true; added;) {
    added = false;
    const Size above = levels_.back().size;
    for (const Level& level : found) {
      const bool half_width = std::abs(level.size.width - above.width / 2) <= 1;
      const bool half_height = std::abs(level.size.height - above.height / 2) <= 1;
      if (half_width && half_height && level.size.pixels() < above.pixels() &&
          level.samples == first->samples && level.bits == first->bits &&
          level.photometric == first->photometric) {
        levels_.push_back(level);
        added = true;
        break;
      }
    }
  }
  return {};
}

Result<std::unique_ptr<File>> File::Open(Source& source) {
  static const bool installed = InstallHandlers();
  (void)installed;
  last_message.clear();
  std::unique_ptr<File> file(new File(source));
  // D: the offsets and sizes of tiles are read for the level that is used only.
  file->handle_ = TIFFClientOpen(source.name().c_str(), "rmD", file.get(), Read, Write, Seek, Close,
                                 FileSize, Map, Unmap);
  if (file->handle_ == nullptr) return file->Failure("open");
  auto found = file->FindLevels();
  if (!found) return found.error();
  const Level& level = file->levels_.front();
  const bool palette = level.photometric == PHOTOMETRIC_PALETTE;
  const bool gray =
      level.photometric == PHOTOMETRIC_MINISBLACK || level.photometric == PHOTOMETRIC_MINISWHITE;
  const bool rgb = level.photometric == PHOTOMETRIC_RGB;
  const bool ycc = level.photometric == PHOTOMETRIC_YCBCR && level.compression == COMPRESSION_JPEG;
  const bool shape = (gray && level.samples == 1) || ((rgb || ycc) && level.samples == 3) ||
                     (palette && level.samples == 1);
  const bool depth =
      level.bits == 8 || (level.bits == 16 && (gray || rgb)) || (level.bits == 1 && gray);
  const bool format =
      Field<uint16_t>(file->handle_, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT) == SAMPLEFORMAT_UINT;
  if (!shape || !depth || !format) {
    return Fail(ErrorKind::kUnsupported,
                "{}: TIFF with {} samples of {} bits, photometric {}, compression {}; 1, 8 or 16 "
                "bit grey, 8 "
                "or 16 bit RGB, "
                "8 bit palette and YCbCr in JPEG are supported",
                source.name(), level.samples, level.bits, level.photometric, level.compression);
  }
  if (!TIFFIsCODECConfigured(level.compression)) {
    return Fail(ErrorKind::kUnsupported, "{}: TIFF compression {} is not built into libtiff",
                source.name(), level.compression);
  }
  return file;
}

File::~File() {
  if (handle_ != nullptr) TIFFClose(handle_);
}

int File::channels() const {
  const Level& level = levels_.front();
  return level.samples == 3 || level.photometric == PHOTOMETRIC_PALETTE ? 3 : 1;
}

Result<void> File::Select(const Level& level) {
  if (TIFFCurrentDirOffset(handle_) != level.directory &&
      !TIFFSetSubDirectory(handle_, level.directory)) {
    return Failure("select directory");
  }
  // JPEG tiles come out as RGB.
  if (level.compression == COMPRESSION_JPEG && level.photometric == PHOTOMETRIC_YCBCR) {
    TIFFSetField(handle_, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  }
  return {};
}

}  // namespace iiifbench::tiff
