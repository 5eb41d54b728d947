// jp2/openjph: HTJ2K (ITU-T T.814, JPEG 2000 part 15) by OpenJPH, tile by tile.
//
// Why it is safe. Release 0.9.0 ends the process by assertions where a header or a packet is wrong.
// So it sees no header of the file: the markers are written anew from what our reader found right.
// And every packet header and body of the tile is read before by our own reader (packets.h), whose
// errors are final.
//
// Why it is faster than OpenJPEG on the same file. OpenJPH's block decoder is SIMD by its own
// account (not profiled here), and it delivers rows in order, so what lies below the region is
// never decoded. Each touched tile is cut out as a codestream of one tile (its SIZ marker names
// only that tile's rectangle of the reference grid, its packets are one tile-part): no other tile
// is parsed, and tiles decode side by side on `threads`. Reduced levels skip whole resolutions.
// Bound: block decoding and the wavelet of the touched tiles from their top to the region's last
// row; an untiled file is one tile, decoded on one thread. Rows above and columns beside are
// decoded too: the library has no area, only restrict_input_resolution and pull, the next full
// line. So this is the way for whole tiles and pages; a region that is a small part of them is
// decoded code-block by code-block (ht/region.h).
//
// Warnings of the library are errors here: it warns where it ignores a marker that changes pixels
// (COC, POC, RGN, PPM).
//
// Shapes: out has wanted.size() and the file's components. Units: pixels of the level. Memory: the
// compressed bytes of `threads` tiles and a few rows of each. Errors: kBadInput or kUnsupported
// with OpenJPH's message and the file's name; kUnsupported when this build has no OpenJPH. Threads:
// reentrant.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kernels/codecs/codec.h"
#include "kernels/codecs/jp2/tiles.h"

namespace iiifbench::jp2 {

// "OpenJPH 0.9.0"; empty when this build has none.
std::string OpenJphVersion();

// Runs `work` and turns what the library throws into an Error that begins "OpenJPH: <name>:".
Result<void> GuardOpenJph(const std::string& name, ErrorKind kind,
                          const std::function<void()>& work);

// What DecodeByOpenJph reconstructs for `wanted`: each tile from its first row.
int64_t PixelsFromTheTop(std::span<const Tile> tiles, const Region& wanted);

// Returns how many pixels of the level were reconstructed.
Result<int64_t> DecodeByOpenJph(Source& source, const Header& header, const Region& wanted,
                                int level, int threads, PixelView out);

// A JPH file: RPCL, precincts of 256, code-blocks of 64. The library has no rate control: for a
// compression_ratio the quantiser step is searched until the file is within 2 % of it.
Result<void> EncodeByOpenJph(ConstPixelView image, const EncodeOptions& options, int decompositions,
                             std::vector<uint8_t>& out);

}  // namespace iiifbench::jp2
