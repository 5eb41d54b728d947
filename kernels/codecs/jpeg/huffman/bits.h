// jpeg/huffman/bits: reads Huffman-coded bits of JPEG a register at a time; shared by the scan and
// the entropy decoder.
//
// Standard: ITU-T T.81 F.2.2 (decoding), B.1.1.5 (stuffing). Units: as in scan.h. Errors: behind a
// marker or the end the bits read as zeros, and overrun() says that such bits were used. Never
// reads outside its Bytes.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "kernels/codecs/jpeg/huffman/scan.h"

namespace iiifbench::jpeg {

inline uint64_t LoadBigEndian(const uint8_t* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
  return word;
}

// Whether any byte is 0xFF: its complement has a zero byte.
inline bool HasMarkerByte(uint64_t word) {
  const uint64_t inverse = ~word;
  return ((inverse - 0x0101010101010101u) & word & 0x8080808080808080u) != 0;
}

// The next bits of entropy-coded data, stuffing removed, left-aligned in a register.
struct BitReader {
  const uint8_t* p = nullptr;
  const uint8_t* begin = nullptr;
  const uint8_t* end = nullptr;
  uint64_t window = 0;
  int bits = 0;    // valid ones in `window`
  int padded = 0;  // of these, zeros that stand for what lies behind a marker or the end

  BitReader() = default;
  BitReader(const Bytes& bytes, int64_t bit)
      : p(bytes.at(bit >> 3)), begin(bytes.data), end(bytes.data + (bytes.end - bytes.begin)) {
    Refill();
    Drop(static_cast<int>(bit & 7));
  }
  void Drop(int count) {
    window <<= count;
    bits -= count;
  }
  // At least 56 bits afterwards.
  void Refill() {
    if (end - p >= 8) [[likely]] {
      const uint64_t word = LoadBigEndian(p);
      if (!HasMarkerByte(word)) [[likely]] {
        window |= word >> bits;
        const int whole = (63 - bits) >> 3;
        p += whole;
        bits += whole * 8;
        return;
      }
    }
    // On a copy: the reader itself never has its address taken, and so stays in registers.
    BitReader copy = *this;
    copy.RefillSlowly();
    *this = copy;
  }
  __attribute__((noinline)) void RefillSlowly() {
    while (bits < 56) {
      uint64_t byte = 0;
      if (p < end && (*p != 0xFF || (end - p >= 2 && p[1] == 0))) {
        byte = *p;
        p += byte == 0xFF ? 2 : 1;
      } else {
        padded += 8;
      }
      window |= byte << (56 - bits);
      bits += 8;
    }
  }
  bool overrun() const { return bits < padded; }
  // The pointer to the byte that holds the next bit; that bit is `bits % 8` from its right, or its
  // first.
  const uint8_t* Position() const {
    const uint8_t* at = p;
    for (int buffered = (bits - padded + 7) / 8; buffered > 0; --buffered) {
      at -= at - begin >= 2 && at[-1] == 0 && at[-2] == 0xFF ? 2 : 1;
    }
    return at;
  }
  int64_t Bit(const Bytes& bytes) const {
    const int into = (8 - ((bits - padded) & 7)) & 7;
    return (bytes.begin + (Position() - bytes.data)) * 8 + into;
  }
};

// One code beginning at the window's left: its length and symbol, or length 0.
inline void Symbol(const LengthTable& table, uint64_t window, int& length, int& symbol) {
  const uint16_t entry = table.single[window >> (64 - kPeekBits)];
  if (entry != 0) [[likely]] {
    length = entry & 31;
    symbol = entry >> 8;
    return;
  }
  const auto code = static_cast<uint32_t>(window >> 48);
  for (length = kPeekBits + 1; length <= 16; ++length) {
    if (code < table.limit[length]) {
      symbol =
          table.symbols[(static_cast<int32_t>(code >> (16 - length)) + table.offset[length]) & 255];
      return;
    }
  }
  length = 0;
  symbol = 0;
}

// T.81 F.2.2.1: the value of `size` extra bits.
inline int32_t Extend(uint64_t window, int size) {
  if (size == 0) return 0;
  const auto value = static_cast<int32_t>(window >> (64 - size));
  return value < (1 << (size - 1)) ? value - (1 << size) + 1 : value;
}

// Passes one DC symbol. False: no code begins here.
inline bool Dc(const LengthTable& table, BitReader& in, int32_t& difference) {
  in.Refill();  // without asking: in a short block it is the only one
  int length = 0, size = 0;
  Symbol(table, in.window, length, size);
  if (length == 0) [[unlikely]]
    return false;
  in.Drop(length);
  difference = Extend(in.window, size);
  in.Drop(size);
  return true;
}

// As libjpeg reads a block: up to coefficient 63 or an end-of-block, a run beyond 63 ends it as
// well.
inline bool Ac(const LengthTable& table, BitReader& in) {
  int k = 1;
  for (;;) {
    if (in.bits < 32) in.Refill();
    const uint16_t entry = table.run[in.window >> (64 - kPeekBits)];
    const int next = k + ((entry >> 6) & 127);
    if (entry != 0 && next <= 63) [[likely]] {
      in.Drop(entry & 63);
      k = next;
      if (entry >> 13) return true;
      continue;
    }
    int length = 0, symbol = 0;
    Symbol(table, in.window, length, symbol);
    if (length == 0) [[unlikely]]
      return false;
    const int run = symbol >> 4, size = symbol & 15;
    in.Drop(length + size);
    if (size == 0 && run != 15) return true;
    k += run + 1;
    if (k > 63) return true;
  }
}

}  // namespace iiifbench::jpeg
