// jp2/stream: OpenJPEG over a Source, and what the codestream says about its tiles.
//
// Standard: ITU-T T.800 (JPEG 2000 part 1) annex A (markers) and I (boxes), T.814 (part 15, HTJ2K).
// The stream reads only what the library asks for, so tile-parts that a region does not touch are
// skipped, not read. Errors: OpenJPEG's first message with the file's name; missing tiles, which
// OpenJPEG 2.5.0 answers with success, by our own walk along the tile-parts.
#pragma once

#include <openjpeg.h>

#include <memory>
#include <string>
#include <vector>

#include "kernels/codecs/codec.h"

namespace iiifbench::jp2 {

struct CloseStream {
  void operator()(opj_stream_t* s) const { opj_stream_destroy(s); }
};
struct CloseCodec {
  void operator()(opj_codec_t* c) const { opj_destroy_codec(c); }
};
struct CloseImage {
  void operator()(opj_image_t* i) const { opj_image_destroy(i); }
};

// Consecutive bytes of the file.
struct Extent {
  int64_t offset = 0;
  int64_t bytes = 0;
};

// The main header.
struct Header {
  int64_t x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // the image on the reference grid
  int64_t tile_x0 = 0, tile_y0 = 0;        // origin of the tiles
  int64_t tile_width = 0, tile_height = 0;
  int components = 0;
  int bits = 8;
  bool is_signed = false;
  bool same_depth = true;   // of all components
  bool subsampled = false;  // some component is not at 1x1
  int decompositions = 0;
  int layers = 1;
  int progression = 0;  // 0 LRCP, 1 RLCP, 2 RPCL, 3 PCRL, 4 CPRL
  bool reversible = false;
  bool high_throughput = false;
  bool palette = false;
  int enumerated_colour = 0;  // 16 sRGB, 17 grey, 18 sYCC; 0: not said
  int64_t codestream = 0;     // offset of SOC
  int64_t first_tile_part = 0;
  bool packed_headers = false;  // PPM: packet headers of all tiles stand in the main header
  std::vector<Extent>
      main_header;  // without TLM, which would point to tile-parts that are left out

  int64_t tiles_across() const { return (x1 - tile_x0 + tile_width - 1) / tile_width; }
  int64_t tiles_down() const { return (y1 - tile_y0 + tile_height - 1) / tile_height; }
};
// Reads boxes and main header, no tile.
Result<Header> ReadHeader(Source& source);

// The main header and the tile-parts of the tiles in [first_column, last_column] x [first_row,
// last_row]: a codestream in which the other tiles are absent. Fails unless every one of these
// tiles is there and complete.
Result<std::vector<Extent>> TouchedExtents(Source& source, const Header& header,
                                           int64_t first_column, int64_t last_column,
                                           int64_t first_row, int64_t last_row);

// A decoder that has read the header of `source`.
struct Decoder {
  std::unique_ptr<opj_stream_t, CloseStream> stream;
  std::unique_ptr<opj_codec_t, CloseCodec> codec;
  std::unique_ptr<opj_image_t, CloseImage> image;
  std::string message;  // first error of the library
  Source* source = nullptr;
  std::vector<Extent> extents;  // what the library sees, one after the other, and an EOC marker
  int64_t length = 0;
  int64_t at = 0;
  size_t Read(uint8_t* into, size_t bytes);
  Error Failure(std::string_view doing) const;
};
Result<std::unique_ptr<Decoder>> OpenDecoder(Source& source, std::vector<Extent> extents, int level,
                                             int threads);

}  // namespace iiifbench::jp2
