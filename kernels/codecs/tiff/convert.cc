#include "kernels/codecs/tiff/convert.h"

#include <algorithm>
#include <cstring>

#include "kernels/pixels/convert.h"

namespace iiifbench::tiff {
namespace {

bool IsJpeg(const Level& level) { return level.compression == COMPRESSION_JPEG; }

// Sample number `index` of a row, of any depth that Supported lets pass, as stored.
uint32_t Stored(const uint8_t* row, int64_t index, int bits) {
  if (bits == 8) return row[index];
  if (bits == 16) {
    uint16_t value = 0;  // libtiff has put the bytes in our order
    std::memcpy(&value, row + 2 * index, sizeof value);
    return value;
  }
  if (bits == 32) {
    uint32_t value = 0;
    std::memcpy(&value, row + 4 * index, sizeof value);
    return value;
  }
  // Packed from the left, across bytes.
  uint32_t value = 0;
  for (int64_t bit = index * bits; bit < (index + 1) * bits; ++bit)
    value = value << 1 | (row[bit >> 3] >> (7 - (bit & 7)) & 1u);
  return value;
}

uint8_t ToByte(uint32_t value, int bits) {
  if (bits == 8) return static_cast<uint8_t>(value);
  const uint64_t top = (uint64_t{1} << bits) - 1;
  return static_cast<uint8_t>((uint64_t{value} * 255 + top / 2) / top);
}

}  // namespace

int ColourSamples(const Level& level) {
  switch (level.photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_PALETTE:
      return 1;
    case PHOTOMETRIC_RGB:
    case PHOTOMETRIC_YCBCR:
    case PHOTOMETRIC_CIELAB:
      return 3;
    case PHOTOMETRIC_SEPARATED:
      return 4;
    default:
      return 0;
  }
}

int ChannelsOf(const Level& level) {
  return level.photometric == PHOTOMETRIC_MINISWHITE || level.photometric == PHOTOMETRIC_MINISBLACK
             ? 1
             : 3;
}

bool NeedsRgba(const Level& level) {
  if (level.compression == COMPRESSION_OJPEG || level.photometric == PHOTOMETRIC_CIELAB)
    return true;
  return level.photometric == PHOTOMETRIC_YCBCR &&
         (!IsJpeg(level) || level.planar != PLANARCONFIG_CONTIG);
}

Result<void> Supported(const std::string& name, const Level& level) {
  if (level.compression == COMPRESSION_THUNDERSCAN) {
    return Fail(ErrorKind::kUnsupported,
                "{}: TIFF with ThunderScan compression: libtiff leaves ends of rows unwritten",
                name);
  }
  const int colour = ColourSamples(level), bits = level.bits;
  const bool numbers = level.sample_format == SAMPLEFORMAT_UINT ||
                       level.sample_format == SAMPLEFORMAT_VOID;  // as if absent (TIFF 6.0 p. 80)
  const bool palette = level.photometric == PHOTOMETRIC_PALETTE;
  const bool fixed = NeedsRgba(level) || level.photometric == PHOTOMETRIC_YCBCR;
  const bool depth = palette ? bits <= 8 : fixed ? bits == 8 : bits <= 16 || bits == 32;
  // Ink sets other than CMYK have no meaning that a file states.
  const bool inks = level.photometric != PHOTOMETRIC_SEPARATED || level.ink_set == INKSET_CMYK;
  if (colour > 0 && numbers && inks && bits >= 1 && depth &&
      (fixed ? level.samples == colour : level.samples >= colour))
    return {};
  static constexpr std::string_view kFormats[] = {
      "unsigned", "unsigned", "signed", "floating-point", "undefined", "complex", "complex"};
  const std::string_view format =
      level.sample_format < std::size(kFormats) ? kFormats[level.sample_format] : "unknown";
  return Fail(
      ErrorKind::kUnsupported,
      "{}: TIFF with {} {} samples of {} bits, photometric {}, compression {}; unsigned grey, "
      "RGB and CMYK of 1 to 16 or 32 bits, palettes of up to 8 bits, YCbCr and Lab of 8 bits "
      "are supported",
      name, level.samples, format, bits, level.photometric, level.compression);
}

Result<Palette> ReadPalette(const File& file, const Level& level) {
  uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
  if (!TIFFGetField(file.handle(), TIFFTAG_COLORMAP, &red, &green, &blue))
    return file.Failure("read the colour map");
  const size_t entries = size_t{1} << level.bits;
  // Some writers store 8-bit values in the 16-bit map.
  uint16_t top = 0;
  for (size_t i = 0; i < entries; ++i) top = std::max({top, red[i], green[i], blue[i]});
  const int shift = top > 255 ? 8 : 0;
  Palette palette;
  for (size_t i = 0; i < entries; ++i) {
    palette.rgb[i] = {static_cast<uint8_t>(red[i] >> shift),
                      static_cast<uint8_t>(green[i] >> shift),
                      static_cast<uint8_t>(blue[i] >> shift)};
  }
  return palette;
}

void ConvertRow(const Level& level, const Palette& palette, const StoredRow& row, int first,
                int count, uint8_t* to) {
  const int colour = ColourSamples(level), channels = ChannelsOf(level), bits = level.bits;
  const int64_t step = row.apart ? 1 : level.samples;
  const bool white = level.photometric == PHOTOMETRIC_MINISWHITE;
  if (bits == 8 && !row.apart && level.samples == channels && !white &&
      level.photometric != PHOTOMETRIC_PALETTE) {
    std::memcpy(to, row.plane[0] + step * first, static_cast<size_t>(count * step));
    return;
  }
  if (!row.apart && level.samples == colour && level.photometric != PHOTOMETRIC_PALETTE) {
    if (bits == 16 && colour == channels && !white)
      return NarrowTo8(row.plane[0] + 2 * step * first, count * step, to);
    if (bits == 8 && colour == 4) return CmykToRgb(row.plane[0] + step * first, count, to);
  }
  const auto sample = [&](int x, int s) {
    return Stored(row.plane[static_cast<size_t>(s)], step * (first + x) + (row.apart ? 0 : s),
                  bits);
  };
  if (level.photometric == PHOTOMETRIC_PALETTE) {
    for (int x = 0; x < count; ++x)
      std::memcpy(to + ptrdiff_t{3} * x, palette.rgb[sample(x, 0) & 255].data(), 3);
    return;
  }
  const uint8_t invert = white ? 255 : 0;
  for (int x = 0; x < count; ++x) {
    uint8_t* pixel = to + ptrdiff_t{x} * channels;
    if (colour == 4) {
      const int black = 255 - ToByte(sample(x, 3), bits);
      for (int s = 0; s < 3; ++s)
        pixel[s] = static_cast<uint8_t>(((255 - ToByte(sample(x, s), bits)) * black + 127) / 255);
      continue;
    }
    for (int s = 0; s < colour; ++s)
      pixel[s] = static_cast<uint8_t>(ToByte(sample(x, s), bits) ^ invert);
  }
}

}  // namespace iiifbench::tiff
