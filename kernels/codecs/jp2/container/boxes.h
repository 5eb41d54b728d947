// jp2/container/boxes: what the boxes around a codestream say about its colours, and where it lies.
//
// Standard: ITU-T T.800 annex I (JP2), T.801 annex M (JPX, where it repeats JP2's boxes), T.814
// annex D (JPH). Read: ftyp (brand), ihdr, colr, pclr, cmap, cdef, jp2c. Other boxes are passed
// over. The walk has no recursion: a header box inside a header box is not looked into.
//
// Why by brand: the family shares the signature. A JPM page (T.805) is composed of layers and a
// Motion JPEG 2000 file (T.802) of frames, so the first codestream in them is not the picture.
//
// Memory: a palette, at most 1024 x 255 entries; at most 10000 boxes are passed. Errors: kBadInput
// with the box and its byte; kUnsupported for the other members of the family. Threads: none of its
// own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/image/source.h"

namespace iiifbench::jp2 {

// Values by entry, then column; 8 bits, scaled.
struct Palette {
  int entries = 0, columns = 0;
  std::vector<uint8_t> values;
};

// One channel by cmap: a component as it is, or through a column of the palette.
struct MappedChannel {
  int component = 0;
  int column = -1;  // -1: as it is
};

// One entry of cdef.
struct ChannelDefinition {
  int channel = 0;
  int type = 0;         // 0 colour, 1 opacity, 2 premultiplied opacity, 65535 unspecified
  int association = 0;  // of a colour: 1 is its first; 0 the whole picture
};

struct ImageHeader {
  int64_t width = 0, height = 0;
  int components = 0;
};

struct Boxes {
  bool present = false;        // else a raw codestream
  int64_t codestream = 0;      // offset of SOC
  int64_t codestream_end = 0;  // of the box, inside the file
  std::optional<ImageHeader> header;
  int enumerated_colour = 0;   // 12 CMYK, 14 Lab, 16 sRGB, 17 grey, 18 sYCC; 0: not said
  std::string profile_colour;  // of an ICC profile: "RGB ", "GRAY", "CMYK"; empty: none
  std::optional<Palette> palette;
  std::vector<MappedChannel> mapping;
  std::vector<ChannelDefinition> definitions;
};

Result<Boxes> ReadBoxes(Source& source);

}  // namespace iiifbench::jp2
