// Codec: one image format as a row of data with functions; the registry of all of them.
//
// Adding a format is one file kernels/codecs/<name>.cc that ends in `const Codec <name>_codec =
// {...}` and one word in IIIFBENCH_CODECS.
//
// Levels. Level 0 is full size, level n is 1/2^n. `ImageInfo::levels[n]` is the size of level n as
// the codec delivers it: ceil(width / 2^n) for JPEG (n <= 3) and JPEG 2000, the stored size for a
// TIFF pyramid. A decode of (region, level) delivers exactly the pixels of LevelRegion(info,
// region, level).
//
// Memory: decode writes into the caller's view. Errors: kBadInput, kUnsupported, kTooLarge; the
// message names library, file and marker or offset. Threads: functions are reentrant; one Source
// serves one call at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/image/image.h"
#include "kernels/image/source.h"
#include "kernels/image/stage.h"

namespace iiifbench {

// Another way to do the same work.
enum class Variant {
  kNaive,    // decode everything, then crop or shrink
  kLibrary,  // the library's best documented use
  kBest,     // the fastest known with nothing but the file
  kIndexed,  // the fastest known with an index made earlier
};
std::string_view VariantName(Variant variant);  // "naive", "library", "best", "indexed"

// How a file is stored, as its header says. What a format does not have keeps its default.
struct ImageFacts {
  // "none", "lzw", "deflate", "zstd", "packbits", "fax", "jpeg", "jpeg2000", "png", "webp" ...;
  // empty: not known.
  std::string_view compression;
  bool lossless = false;
  bool progressive = false;       // JPEG
  bool arithmetic = false;        // JPEG
  Size luma_sampling = {1, 1};    // JPEG: the factors of the densest component (T.81 A.1.1)
  Size chroma_sampling = {1, 1};  // JPEG: of the second component
  int restart_interval = 0;       // JPEG: MCUs between two markers; 0: none
  bool high_throughput = false;   // JPEG 2000 part 15
  std::string_view progression;   // JPEG 2000: "RPCL" ...
  int decompositions = 0;         // JPEG 2000
  int layers = 0;                 // JPEG 2000
  int compression_tag = 0;        // TIFF: the number of the tag Compression
  int predictor = 1;              // TIFF
  Size unit;                      // TIFF: a tile or strip of level 0
  int orientation = 1;            // TIFF and EXIF; stated, never applied
  int64_t icc_bytes = 0;          // of the ICC profile; 0: none

  bool operator==(const ImageFacts&) const = default;
};

struct ImageInfo {
  Size size;
  int channels = 0;          // as decoded: 1 or 3
  int bits_per_sample = 8;   // as stored
  std::vector<Size> levels;  // levels[0] == size; at least one
  Size tile;  // stored tile of level 0; {0, 0} when untiled (strips count as untiled)
  ImageFacts facts;
  std::string detail;  // for people: DetailOf(info) of the codec; nobody reads facts out of it
};
// The same way of storing a picture: coding, tiles and number of levels, whatever the profile and
// the orientation that it states.
bool StoredAlike(const ImageInfo& a, const ImageInfo& b);

// The facts in words: "sequential, luma 2x2, chroma 1x1, restart interval 0". `format`: the codec's
// name.
std::string DetailOf(std::string_view format, const ImageInfo& info);

// The pixels of level `level` that cover `region` of the full-resolution image: left and top are
// floor(x / 2^n), right and bottom ceil(. / 2^n) clipped to the level; TIFF levels whose ratio is
// not exactly 2^n use their own ratio.
Region LevelRegion(const ImageInfo& info, const Region& region, int level);

struct DecodeRequest;
// LevelRegion of a request, or an error where level, region or the view's shape do not fit this
// file: it may have been exchanged since it was probed.
Result<Region> WantedRegion(const Source& source, const ImageInfo& info,
                            const DecodeRequest& request, PixelView out);

// One axis of a level: sample i of it covers [scale i, scale (i + 1)) of the full picture. 2^n
// where the level has ceil(full / 2^n) or floor(full / 2^n) samples (DCT scaling, wavelets, a
// pyramid made by halving), else its own ratio.
double LevelScale(int full, int reduced, int level);

// Bounds on what a file may make the decoder do.
struct DecodeLimits {
  int64_t max_pixels = int64_t{400} * 1000 * 1000;  // pixels decoded for one request, needed or not
  int64_t max_memory_bytes = int64_t{4} << 30;      // working memory
};

struct DecodeRequest {
  Region region;  // of the full-resolution image
  int level = 0;
  Variant variant = Variant::kBest;
  int threads = 1;
  std::span<const uint8_t> index;  // for kIndexed: what Codec::build_index made of the same file
  DecodeLimits limits;
};

// What a decode did beside filling the view.
struct DecodeReport {
  // Reconstructed or entropy-decoded to their end; / pixels needed = amplification.
  int64_t pixels_decoded = 0;
  std::string fallback;  // why a faster path was not taken; empty when it was
};

enum class Subsampling { k444, k422, k420, k440, kGray };

// How to write a file. A recipe names one set of these; fields of other formats are ignored.
struct EncodeOptions {
  // JPEG
  int quality = 90;
  Subsampling subsampling = Subsampling::k420;
  bool progressive = false;
  bool optimised_huffman = false;
  int restart_rows = 0;  // restart marker every n MCU rows; 0: none
  // JPEG 2000
  double compression_ratio = 0;  // uncompressed : compressed; 0: lossless
  int decompositions = 6;
  Size tile;  // JPEG 2000 and TIFF; {0, 0}: untiled (TIFF: stripped)
  bool plt = true;
  bool high_throughput = false;  // JPEG 2000 part 15
  // TIFF
  std::string compression = "deflate";  // none, lzw, deflate, zstd, jpeg
  int compression_level = 6;
  bool predictor = true;
  bool pyramid = true;
  // all
  int threads = 1;
};

// A named way to store a page.
struct Recipe {
  std::string_view name;       // "jpeg_q90": part of benchmark names, lower case, stable
  std::string_view extension;  // "jpg"
  bool lossless = false;
  bool founding = false;  // one of the four of the founding study
  EncodeOptions options;
};

struct Codec {
  std::string_view name;
  std::string_view media_type;  // "image/jpeg"
  std::span<const std::string_view>
      extensions;  // without the dot; the first is IIIF's format name where there is one
  bool (*recognises)(std::span<const uint8_t> first_bytes);
  // Reads the header only.
  Result<ImageInfo> (*probe)(Source& source);
  // Fills `out`, which must have the shape LevelRegion(...) x info.channels.
  Result<DecodeReport> (*decode)(Source& source, const DecodeRequest& request, PixelView out);
  // Replaces the content of `out` (its capacity is reused). Null: this format is read only.
  Result<void> (*encode)(ConstPixelView image, const EncodeOptions& options,
                         std::vector<uint8_t>& out);
  // A sidecar for kIndexed. Null: the format needs none.
  Result<std::vector<uint8_t>> (*build_index)(Source& source);
  std::string (*version)();  // the library as loaded: "libjpeg-turbo 2.1.5"
  std::span<const Recipe> recipes;
};

std::span<const Codec* const> Codecs();         // in the order of IIIFBENCH_CODECS
const Codec* FindCodec(std::string_view name);  // null when there is none
const Codec* CodecForExtension(std::string_view extension);
const Recipe* FindRecipe(std::string_view name, const Codec** codec = nullptr);
// The codec whose signature the file carries.
Result<const Codec*> CodecOf(Source& source);

// probe + decode of a region at a level into a new image: for tests and tools, where allocation is
// not measured.
Result<Image> DecodeToImage(Source& source, const Region& region, int level,
                            Variant variant = Variant::kBest);
// The whole of level 0.
Result<Image> DecodeWhole(Source& source, Variant variant = Variant::kBest);

}  // namespace iiifbench
