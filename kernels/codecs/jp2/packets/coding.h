// jp2/packets/coding: how an HTJ2K codestream cuts a tile into resolutions, bands, precincts and
// code-blocks.
//
// Standard: ITU-T T.800 A.6.1 (COD), A.6.4 (QCD), B.5 to B.7 (the cuts); T.814 A.4 (style of HT
// code-blocks). Coordinates: of a resolution or band, absolute (the tile's first sample is not 0
// unless the tile is at the origin), as the standard has them, since wavelet parity and code-blocks
// hang on them. Errors: kUnsupported for what the region decoder leaves to others (COC, QCC, RGN,
// POC, PPM, several layers, blocks that are not HT, derived quantisation), kBadInput for markers
// that contradict themselves. Memory: constant.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/codecs/jp2/header.h"

namespace iiifbench::jp2 {

// [from, to) along one axis.
struct Range {
  int64_t from = 0, to = 0;
  int64_t size() const { return to - from; }
  bool empty() const { return to <= from; }
  friend bool operator==(const Range&, const Range&) = default;
};
struct Rect {
  Range x, y;
  bool empty() const { return x.empty() || y.empty(); }
  int64_t area() const { return empty() ? 0 : x.size() * y.size(); }
  friend bool operator==(const Rect&, const Rect&) = default;
};
Range Intersect(const Range& a, const Range& b);
Rect Intersect(const Rect& a, const Rect& b);

inline constexpr int kMostDecompositions = 32;

struct Coding {
  int progression = 0;
  bool sop = false, eph = false;
  bool colour_transform = false;  // RCT or ICT, as the wavelet is
  int decompositions = 0;
  int block_width_log = 6, block_height_log = 6;  // nominal
  uint8_t block_style = 0;                        // as stored
  bool reversible = false;                        // 5/3, else 9/7
  int region_shift = 0;                           // maxshift of a region of interest (RGN)
  std::array<uint8_t, kMostDecompositions + 1> precinct_width_log{}, precinct_height_log{};
  // By band: 0 is LL, 1 + 3 (r - 1) + {0, 1, 2} are HL, LH, HH of resolution r.
  std::array<uint8_t, 3 * kMostDecompositions + 1>
      bit_planes{};  // M_b of T.800 (E-2): guard + exponent - 1
  std::array<float, 3 * kMostDecompositions + 1> step{};  // of the quantiser, in samples; 9/7 only

  // The markers' contents as they were found right, to be handed on.
  std::vector<uint8_t> cod, qcd;

  static size_t BandIndex(int resolution, int band) {
    return static_cast<size_t>(resolution == 0 ? 0 : 3 * (resolution - 1) + band);
  }
};
Result<Coding> ReadCoding(Source& source, const Header& header);

// A tile's rectangle at resolution r: r == decompositions is full size.
Rect ResolutionRect(const Rect& tile, int decompositions, int resolution);
// What of band `band` (1 HL, 2 LH, 3 HH; 0 the next lower resolution) lies in `rect` of the
// resolution: low samples stand at even coordinates 2n, high ones at 2n + 1.
Rect BandRect(const Rect& rect, int band);
// The samples of a resolution that the inverse wavelet reads for `wanted`: 2 (5/3) or 4 (9/7)
// around, inside `all`.
Rect WithMargin(const Rect& wanted, const Rect& all, bool reversible);

// log2 of the real size of code-blocks in bands of a resolution (T.800 B-17, B-18).
int BlockWidthLog(const Coding& coding, int resolution);
int BlockHeightLog(const Coding& coding, int resolution);

}  // namespace iiifbench::jp2
