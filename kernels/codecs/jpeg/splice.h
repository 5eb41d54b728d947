// jpeg/splice: cuts a rectangle of MCUs out of a Huffman-coded JPEG, without decoding it, as a
// small JPEG file.
//
// Standard: ITU-T T.81 F.1.2 (coding), E.1.4 (restart), C.2 (canonical codes).
//
// Why it is faster. The library then reconstructs a picture of just the wanted MCUs: no entropy
// decoding, no row, no column beyond them. Each row of MCUs becomes one restart interval: its bits
// are copied with a shift, eight bytes at a time, and only the first DC symbol of each component is
// coded again, since its predictor is now zero. Where the file has a restart marker inside the row,
// the first MCU behind it is re-coded in the same way. A file's DC table may lack the category that
// a re-coded symbol needs; missing ones get codes of 16 bits in the unused part of the code space,
// which leaves all other codes as they are. Bound: reconstruction and entropy decoding of the
// touched MCUs in the library. How close: a region of 1024x1024 out of an index took 4.4 ms this
// way where decoding in place (jpeg_entropy) took 3.6; the difference is the second passage.
//
// Memory: appends to the caller's vector. Errors: false where data is damaged or a DC symbol cannot
// be coded. Threads: one Splicer per thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kernels/codecs/jpeg/huffman/scan.h"
#include "kernels/codecs/jpeg/huffman/stream.h"

namespace iiifbench::jpeg {

// A growing byte buffer that keeps its memory and never zeroes what is about to be written.
class ByteSink {
 public:
  void Clear() { used_ = 0; }
  // Room for `count` more bytes; returns where they go.
  uint8_t* Room(size_t count) {
    if (bytes_.size() < used_ + count) bytes_.resize((used_ + count) * 3 / 2);
    return bytes_.data() + used_;
  }
  void Used(size_t count) { used_ += count; }
  void Put(uint8_t byte) {
    *Room(1) = byte;
    ++used_;
  }
  std::span<const uint8_t> bytes() const { return {bytes_.data(), used_}; }

 private:
  std::vector<uint8_t> bytes_;
  size_t used_ = 0;
};

class Splicer {
 public:
  // All three must outlive the splicer.
  Splicer(const Stream& stream, const Scanner& scanner, ByteSink& out);

  // Writes the headers of a picture of `size` pixels, `mcus_across` MCUs wide.
  void Begin(Size size, int mcus_across);
  // Appends MCUs [from.mcu, last), a row of the picture. `end_bit`: right behind the last of them,
  // if known; otherwise -1, and it is searched. Only of use without restart markers between them.
  bool AddRow(const Bytes& bytes, const Cursor& from, int64_t last, int64_t end_bit);
  void End();

 private:
  struct Code {
    uint16_t code = 0;
    uint8_t length = 0;  // 0: none
  };
  bool RecodeMcu(const Bytes& bytes, const Cursor& from, const std::array<int32_t, 3>& predictors,
                 int64_t& behind);
  bool PutDc(int component, int64_t difference);
  void PutBits(uint64_t value, int count);
  void CopyBits(const Bytes& bytes, int64_t from, int64_t to);
  void FlushBits();

  const Stream* stream_;
  const Scanner* scanner_;
  ByteSink* out_;
  std::array<HuffmanSpec, 4> dc_;
  std::array<std::array<Code, 16>, 4> codes_{};
  int rows_ = 0;
  uint64_t pending_ = 0;  // bits not yet written, left-aligned
  int pending_bits_ = 0;  // < 8 between calls
};

}  // namespace iiifbench::jpeg
