// tiff/convert: what the samples of a TIFF mean, as 8-bit grey or RGB.
//
// Standard: TIFF 6.0 clauses 4 to 6 (bilevel, grey, palette, RGB), 16 (CMYK), 18 (extra samples),
// 19 (SampleFormat). Formulas: a sample v of n bits is round(255 v / (2^n - 1)); MinIsWhite is 255
// minus that; CMYK without a profile is (255 - C)(255 - K) / 255 for red, and so on. Extra samples,
// alpha among them, are dropped: what is transparent shows the colour that is stored there (of
// associated alpha: on black). ICC profiles and Orientation are not applied. YCbCr that is not
// JPEG, Lab, old-style JPEG and YCbCr in planes apart go through libtiff's own RGBA interface,
// which is slow. Shapes: 1 channel for grey, else 3. Errors: kUnsupported says what the file asks
// for.
#pragma once

#include <array>

#include "kernels/codecs/tiff/file.h"

namespace iiifbench::tiff {

// Samples of a pixel that are colour; 0: no photometric interpretation that is handled here.
int ColourSamples(const Level& level);
int ChannelsOf(const Level& level);
// Whether libtiff's RGBA interface makes the pixels.
bool NeedsRgba(const Level& level);
Result<void> Supported(const std::string& name, const Level& level);

struct Palette {
  std::array<std::array<uint8_t, 3>, 256> rgb{};
};
// The colour map of the current directory.
Result<Palette> ReadPalette(const File& file, const Level& level);

// Where the colour samples of one row stand: all in one, or each in a row of its plane.
struct StoredRow {
  std::array<const uint8_t*, 4> plane{};  // all equal where samples are interleaved
  bool apart = false;
};

// Converts `count` pixels from pixel `first` of a decoded row on.
void ConvertRow(const Level& level, const Palette& palette, const StoredRow& row, int first,
                int count, uint8_t* to);

}  // namespace iiifbench::tiff
