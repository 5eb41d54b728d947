// jpeg/huffman/scan: passes over Huffman-coded MCUs by their symbols' lengths alone, and so finds
// where an MCU begins.
//
// Standard: ITU-T T.81 F.1.2, F.2.2 (sequential Huffman coding), E.1.4 (restart intervals).
//
// Why it is faster than a decoder's own skip. Finding MCU n needs every symbol before it, but of an
// AC symbol only its length and run, and of a DC symbol its value. (1) One lookup of 12 bits gives
// the lengths and runs of all whole symbols in them, about two at q90, with their extra bits. (2)
// Nothing is stored: no coefficients, no zeroing of blocks, no dequantisation. (3) 64 bits are
// refilled at once where the next eight bytes hold no 0xFF, which is nearly always so. Bound: the
// chain of dependent steps (shift, lookup, shift) per lookup, plus one mispredicted end per block.
// How close: a 24 Mpx map at q90 passes at 300 MB/s, where the library's own skip passes 160 MB/s.
// With restart markers nothing is decoded: they are found at memory speed.
//
// Units: `bit` is a position in the file, 8 * byte + bit from the left, in the bytes as they stand
// (a stuffed zero counts as a byte). Memory: tables are kept per thread and made anew only for
// other Huffman tables. Errors: damaged data ends a pass; the caller lets the library decode and
// report. Never reads outside Bytes.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "kernels/codecs/jpeg/huffman/stream.h"

namespace iiifbench::jpeg {

// A stretch of a file: data[0] is byte `begin`.
struct Bytes {
  const uint8_t* data = nullptr;
  int64_t begin = 0;
  int64_t end = 0;
  const uint8_t* at(int64_t offset) const { return data + (offset - begin); }
};

// Where an MCU's bits begin, and the DC predictors there. Where a restart interval begins, behind
// the marker.
struct Cursor {
  int64_t mcu = 0;
  int64_t bit = 0;
  std::array<int32_t, 3> dc{};
};

// Passes the fill bytes that may stand before a marker (T.81 B.1.1.2): 0xFF before another 0xFF.
inline int64_t PassFill(const Bytes& bytes, int64_t at) {
  while (at + 1 < bytes.end && *bytes.at(at) == 0xFF && *bytes.at(at + 1) == 0xFF) ++at;
  return at;
}

// How many bytes stand between the last MCU, whose bits end at byte `at`, and the marker behind it,
// or the end: 0 in a sound file, else some bits were not what they seemed. libjpeg may have up to
// kMostUnseen of them in its register already and says nothing then; kMostUnseen + 1 stands for
// more.
inline constexpr int kMostUnseen = 7;
inline int LeftOver(const Bytes& bytes, int64_t at) {
  for (int n = 0; n <= kMostUnseen; ++n) {
    if (at + n + 1 >= bytes.end) return n;  // the last byte may be half of a marker
    if (*bytes.at(at + n) == 0xFF && *bytes.at(at + n + 1) != 0) return n;
  }
  return kMostUnseen + 1;
}

inline constexpr int kPeekBits = 12;

// For each window of kPeekBits: what the symbols beginning in it skip.
struct LengthTable {
  // AC: bits 0-5 total length, 6-12 coefficients passed, 13 ends the block; 0: not decodable in the
  // window.
  std::array<uint16_t, 1 << kPeekBits> run;
  // One symbol: bits 0-4 code length, 8-15 symbol; 0: the code is longer than the window.
  std::array<uint16_t, 1 << kPeekBits> single;
  // Codes of each length, left-aligned to 16 bits: those below `limit[n]` have at most n bits.
  std::array<uint32_t, 18> limit;
  std::array<int32_t, 17> offset;  // of the first symbol of length n, minus its code
  std::array<uint8_t, 256> symbols;
};

class Scanner {
 public:
  // `stream` must outlive the scanner.
  explicit Scanner(const Stream& stream);

  // Moves `cursor` on to `mcu` (>= cursor.mcu). `end`, when given, gets the state right behind the
  // last MCU passed, before any restart marker. False: the data is damaged, or ends too early for
  // `bytes`.
  bool Advance(const Bytes& bytes, Cursor& cursor, int64_t mcu, Cursor* end = nullptr) const;

  // Passes the DC symbol of one block that begins at `bit`: `after` is where its AC symbols begin.
  bool PassDc(const Bytes& bytes, int component, int64_t bit, int64_t& after,
              int32_t& difference) const;
  // Passes all of one block's AC symbols that begin at `bit`.
  bool PassAc(const Bytes& bytes, int component, int64_t bit, int64_t& after) const;

  const LengthTable& dc_table(int component) const { return *dc_[component]; }
  const LengthTable& ac_table(int component) const { return *ac_[component]; }

  Cursor First() const { return {.mcu = 0, .bit = stream_->data_offset * 8}; }

 private:
  const Stream* stream_;
  std::array<const LengthTable*, 3> dc_{}, ac_{};  // by component
};

// Finds the restart markers in `bytes` (of the entropy-coded data, from its first byte on): the
// offsets behind each, in order. Stops behind `most` of them, or at another marker. False when one
// is missing or out of order.
bool FindRestarts(const Bytes& bytes, int64_t most, std::vector<int64_t>& behind);

}  // namespace iiifbench::jpeg
