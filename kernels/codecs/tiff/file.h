// tiff/file: libtiff over a Source, and the pyramid of a file as a list of levels.
//
// Standard: TIFF 6.0; Adobe Technical Note 3 (deflate, predictor); BigTIFF. A pyramid is found both
// as pages that are marked as reduced (or simply shrink) and as the SubIFD chain of the first page.
// Errors: libtiff's own text with the file's name. Memory: libtiff is refused allocations that
// follow from a file's lies by checking sizes before anything is decoded.
#pragma once

#include <tiffio.h>

#include <memory>
#include <string>
#include <vector>

#include "kernels/codecs/codec.h"

namespace iiifbench::tiff {

// One stored resolution.
struct Level {
  Size size;
  uint64_t directory = 0;  // offset of its IFD
  bool tiled = false;
  int tile_width = 0;
  int tile_height = 0;  // or rows per strip
  uint16_t compression = 0;
  uint16_t predictor = 1;
  uint16_t photometric = 0;
  uint16_t bits = 8;
  uint16_t samples = 1;
  uint16_t planar = 1;
  uint16_t fill_order = 1;
  uint16_t orientation = 1;
  uint32_t icc_bytes = 0;

  int across() const { return (size.width + tile_width - 1) / tile_width; }
  int down() const { return (size.height + tile_height - 1) / tile_height; }
};

// "deflate" for 8, in the words of EncodeOptions::compression where it has one; "other" for what is
// not known here.
std::string_view CompressionName(uint16_t tag);

// An open file. Owns the TIFF handle, borrows the Source.
class File {
 public:
  static Result<std::unique_ptr<File>> Open(Source& source);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  TIFF* handle() const { return handle_; }
  Source& source() const { return source_; }
  const std::vector<Level>& levels() const { return levels_; }
  int channels() const;
  // Makes `level` the current directory.
  Result<void> Select(const Level& level);
  // The last message of libtiff as an error of this file.
  Error Failure(std::string_view doing) const;

  // For the callbacks of libtiff.
  Source& source_;
  int64_t position = 0;
  std::string message;

 private:
  explicit File(Source& source) : source_(source) {}
  Result<Level> Describe() const;
  Result<void> FindLevels();
  TIFF* handle_ = nullptr;
  std::vector<Level> levels_;
};

}  // namespace iiifbench::tiff
