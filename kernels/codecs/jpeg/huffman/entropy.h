// jpeg/huffman/entropy: a Huffman decoder of our own inside libjpeg-turbo, which keeps doing
// everything else.
//
// Standard: ITU-T T.81 F.2.2. The library calls one function per MCU, `decode_mcu`, that fills
// coefficients; it is replaced after jpeg_start_decompress. That pointer stands in a struct that
// jpeglib.h only declares; its first two members have stood there since libjpeg 6b. Available()
// checks that both hold functions of the library's own shared object and that a small picture
// decodes to the same pixels; where it does not, regions are spliced (jpeg_splice) and the rest is
// the library's.
//
// Why it is faster. (1) One lookup of 12 bits gives length, run and number of extra bits of up to
// two coefficients; both are stored without asking whether the second is there, and their values
// are made off the chain that leads to the next code. (2) Blocks that nobody reconstructs - rows
// above, columns beside, AC coefficients at 1/8 - are passed by their lengths alone. (3) MCUs are
// taken from any place in the file: with an index nothing is copied or coded again. Bound: the
// dependent steps per lookup, and the reconstruction, which stays the library's. How close, on four
// 24 Mpx pages at q90, one thread, against the library: a whole page 1.15 to 1.26, 1/2 1.21
// to 1.29, 1/4 1.26 to 1.33, 1/8 1.69 to 1.98, the least for sparse print: its blocks hold few
// symbols, and the end of each is mispredicted.
//
// Memory: tables per thread, reused for the same Huffman codes. Errors: damaged data ends the
// decode through the library's error manager, which refuses the file.
// Threads: one object per decode.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "kernels/codecs/jpeg/huffman/scan.h"
#include "kernels/codecs/jpeg/huffman/stream.h"

struct jpeg_decompress_struct;

namespace iiifbench::jpeg {

// Where a row of MCUs of the decoded picture begins in a file.
struct RowStart {
  Bytes bytes;
  Cursor from;
};

class EntropyDecoder {
 public:
  // Decodes all MCUs of the file in order. The arguments must outlive the decoder.
  EntropyDecoder(const Stream& stream, const Scanner& scanner, const Bytes& bytes);
  // The same from `start` on, the first MCU of a row, for a picture that begins with that row.
  EntropyDecoder(const Stream& stream, const Scanner& scanner, const Bytes& bytes,
                 const Cursor& start);
  // Decodes rows of MCUs that begin at `rows`, each `mcus_across` wide: a rectangle out of the
  // file.
  EntropyDecoder(const Stream& stream, const Scanner& scanner, std::span<const RowStart> rows,
                 int mcus_across);

  // Takes over; after jpeg_start_decompress.
  void Attach(jpeg_decompress_struct& info);
  // Only pixels [left, right) of the level are reconstructed: MCUs beside them are passed. After
  // Attach.
  void KeepPixels(int left, int right) {
    first_kept_ = left / mcu_width_;
    last_kept_ = (right + mcu_width_ - 1) / mcu_width_;
  }

  // Whether the decode was ended for so few bytes behind the last MCU that the library may take
  // them without a warning: then its own decoder is to be asked.
  bool library_decides() const { return library_decides_; }

  // Whether the loaded library can be taken over.
  static bool Available();

  struct ValueTable;  // of one AC Huffman code

 private:
  friend struct EntropyHook;
  const Stream* stream_;
  const Scanner* scanner_;
  std::span<const RowStart> rows_;
  std::array<const ValueTable*, 3> values_{};  // by component; null: pass AC
  Bytes bytes_;
  Cursor start_;
  bool library_decides_ = false;
  bool in_file_ = false;  // the library reads the same file, and goes on behind the last MCU
  int across_ = 0;
  int mcu_width_ = 1;  // at the level
  int first_kept_ = 0, last_kept_ = 1 << 30;

  // State between MCUs.
  const uint8_t* p_ = nullptr;
  uint64_t window_ = 0;
  int bits_ = 0, padded_ = 0;
  std::array<uint32_t, 3> dc_{};
  int column_ = 0, row_ = 0;
  int64_t file_mcu_ = 0;      // of the next MCU in the file
  int64_t next_restart_ = 0;  // the MCU of the file before which a restart marker stands
};

}  // namespace iiifbench::jpeg
