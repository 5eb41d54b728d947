// jp2/part1/markers: what main and tile-part headers say about the coding of tiles.
//
// Standard: ITU-T T.800 A.6 (COD, COC, RGN, QCD, QCC, POC), A.7 (PLT, PPM, PPT), E.1 (steps), with
// the precedence of A.6.1: COC of the tile, COD of the tile, COC of the file, COD of the file.
// Memory: the bodies of the markers. Errors: kBadInput for markers that contradict themselves,
// kUnsupported for coding that the caller leaves to OpenJPEG. Threads: reentrant.
#pragma once

#include <map>
#include <vector>

#include "kernels/codecs/jp2/packets/coding.h"

namespace iiifbench::jp2::part1 {

using Bytes = std::vector<uint8_t>;

// Bodies of marker segments, without length.
struct Markers {
  Bytes cod, qcd;
  std::map<int, Bytes> coc, qcc;    // by component, without its number
  std::map<int, int> region_shift;  // RGN by component
  std::vector<Bytes> poc;
  std::map<int, Bytes> packed_headers;  // PPM or PPT by number
  std::map<int, Bytes> packet_lengths;  // PLT by number
};

// The markers in [from, to) of the main header, or from `from` to SOD in a tile-part that ends at
// `to`; returns where they end: `to`, or behind SOD.
Result<int64_t> ReadMarkers(Source& source, const Header& header, int64_t from, int64_t to,
                            bool tile_part, Markers& markers);

// A part of the packets, in an order of its own (POC, or all of them).
struct Volume {
  int order = 0;  // 0 LRCP, 1 RLCP, 2 RPCL, 3 PCRL, 4 CPRL
  int layers = 0;
  int first_resolution = 0, end_resolution = 0;
  int first_component = 0, end_component = 0;
};

struct TileCoding {
  int layers = 1;
  bool sop = false, eph = false, colour_transform = false;
  std::vector<Coding> components;
  std::vector<Volume> volumes;
};
Result<TileCoding> ResolveCoding(const Source& source, const Header& header, const Markers& main,
                                 const Markers& tile);

}  // namespace iiifbench::jp2::part1
