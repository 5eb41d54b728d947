// jp2/header: boxes and main header of a JPEG 2000 file, before any tile.
//
// Standard: ITU-T T.800 annex A (markers; A.1.3: FF30 to FF3F stand without a length), T.814 A.3
// and A.4 (what tells HTJ2K). Errors: kBadInput with the marker and its byte; what T.800 forbids is
// refused here, before a library sees it. Memory: a few bytes a component. Threads: none of its
// own.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "kernels/codecs/codec.h"
#include "kernels/codecs/jp2/container/channels.h"

namespace iiifbench::jp2 {

// Consecutive bytes of the file.
struct Extent {
  int64_t offset = 0;
  int64_t bytes = 0;
};

// How one component of a tile is cut: SPcod or SPcoc (T.800 tables A.15 and A.20).
struct BlockCoding {
  int decompositions = 0;
  int block_width_log = 6, block_height_log = 6;
  uint8_t block_style = 0;
  bool reversible = false;
  std::array<uint8_t, 33> precinct_width_log{}, precinct_height_log{};
};
// The parameters behind the first fields of COD or COC. `own_precincts`: of its style byte.
Result<BlockCoding> ReadBlockCoding(const Source& source, int64_t at, bool own_precincts,
                                    std::span<const uint8_t> parameters);

// What a main header or the header of a tile says by COD and COC.
struct CodingStyle {
  int layers = 1;
  BlockCoding all;
  std::map<int, BlockCoding> own;  // by component
  const BlockCoding& Of(int component) const {
    const auto found = own.find(component);
    return found == own.end() ? all : found->second;
  }
};
Result<void> ReadCodMarker(const Source& source, int64_t at, std::span<const uint8_t> body,
                           CodingStyle& style);
Result<void> ReadCocMarker(const Source& source, int64_t at, std::span<const uint8_t> body,
                           int components, CodingStyle& style);

// The main header.
struct Header {
  int64_t x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // the image on the reference grid
  int64_t tile_x0 = 0, tile_y0 = 0;        // origin of the tiles
  int64_t tile_width = 0, tile_height = 0;
  int components = 0;
  std::vector<Component> component;
  int bits = 8;  // of the first component
  bool is_signed = false;
  bool same_depth = true;   // of all components
  bool subsampled = false;  // some component is not at 1x1
  bool part2 = false;       // needs extensions of T.801
  CodingStyle style;
  int decompositions = 0;  // of COD
  int layers = 1;
  int progression = 0;  // 0 LRCP, 1 RLCP, 2 RPCL, 3 PCRL, 4 CPRL
  bool reversible = false;
  bool high_throughput = false;
  Boxes boxes;
  int64_t codestream = 0;      // offset of SOC
  int64_t codestream_end = 0;  // where a tile-part without a length ends
  int64_t first_tile_part = 0;
  bool packed_headers = false;  // PPM: packet headers of all tiles stand in the main header
  // Only the markers that a decoder needs: TLM would point to tile-parts that are left out.
  std::vector<Extent> main_header;

  int64_t tiles_across() const { return (x1 - tile_x0 + tile_width - 1) / tile_width; }
  int64_t tiles_down() const { return (y1 - tile_y0 + tile_height - 1) / tile_height; }
};
// Reads boxes and main header, no tile.
Result<Header> ReadHeader(Source& source);

// Whether a marker stands alone, without a length behind it.
inline bool StandsAlone(int marker) { return marker >= 0xFF30 && marker <= 0xFF3F; }

}  // namespace iiifbench::jp2
