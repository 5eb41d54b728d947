// jpeg/index: a small sidecar that says where MCUs begin in a JPEG's entropy-coded data.
//
// Format, little-endian, version 1. Header of 64 bytes:
//   0  "IIIFJIDX"
//   8  u32 version            12  u32 MCUs between entries (each row of MCUs begins with an entry)
//   16 u64 size of the file   24  u64 checksum of the file's headers (all before the entropy-coded
//   data) 32 u64 offset of the entropy-coded data   40 u64 offset behind its last byte 48 u32 MCUs
//   across        52  u32 MCUs down       56 u64 checksum of everything behind this header
// then 16 bytes an entry, in order:
//   0  u40 bit position in the file (8 * byte + bit from the left; behind a restart marker, if
//   there is one) 5  i16 DC predictor of component 0, 1, 2           11 u8 zero 12 u32 checksum of
//   the file's bytes from the one that holds this bit to the one that holds the next entry's
// An entry stands for 4096 pixels: about 94 kB for 24 megapixels.
//
// Why it is faster. With it a region needs no scan of what lies above: less than one entry's MCUs
// are passed at the start of each row. Bound: decoding of the touched MCUs, wherever they lie in
// the page. How close: a region of 1024x1024 takes 1.2 times its share of the whole page's time;
// against the library's crop and skip that is 6.6 to 10 times as fast at the centre of a 24 Mpx
// page, 13 to 18 at its bottom, 18 to 33 for a line of 2000x150. The checksums of just the touched
// stretches are verified at each use: an index of another file, or of a file that changed, is
// refused without reading the whole file.
//
// Memory: JpegIndex borrows the sidecar's bytes. Errors: kUnsupported for files that have no index
// (progressive, arithmetic, several scans), kBadInput for damage. Threads: read only after opening.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/codecs/jpeg/huffman/scan.h"
#include "kernels/codecs/jpeg/huffman/stream.h"
#include "kernels/image/source.h"

namespace iiifbench::jpeg {

inline constexpr int kIndexPixels = 4096;  // an entry for so many: 16 MCUs at 4:2:0, 64 at 4:4:4

Result<std::vector<uint8_t>> BuildIndex(Source& source);

// Reads the headers of a file into `stream`, as much of the file as they take. `head` gets the
// bytes in front of the entropy-coded data; it is valid until the next call on this thread. As
// ParseStream.
Result<ParseOutcome> ReadStream(Source& source, Stream& stream, std::span<const uint8_t>& head,
                                std::string& reason);

class JpegIndex {
 public:
  // Checks sizes and checksums against the file's headers.
  static Result<JpegIndex> Open(std::span<const uint8_t> sidecar, const Source& source,
                                const Stream& stream, std::span<const uint8_t> head);

  int64_t entries_per_row() const { return per_row_; }
  int64_t entries() const { return entries_; }
  int64_t data_end() const { return data_end_; }
  int step() const { return step_; }
  // What entry `n` says; n < entries().
  Cursor Entry(int64_t n) const;
  // The bytes that entry n's checksum covers: [first, last).
  int64_t FirstByte(int64_t n) const { return Entry(n).bit >> 3; }
  int64_t LastByte(int64_t n) const;
  // Whether entries [first, last) describe `bytes`, which cover them.
  bool Matches(const Bytes& bytes, int64_t first, int64_t last) const;

 private:
  std::span<const uint8_t> body_;
  int64_t entries_ = 0, per_row_ = 0, across_ = 0, data_end_ = 0;
  int step_ = 0;
};

}  // namespace iiifbench::jpeg
