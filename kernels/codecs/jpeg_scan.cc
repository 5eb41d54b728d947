#include "kernels/codecs/jpeg_scan.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

namespace iiifbench::jpeg {
namespace {

uint64_t LoadBigEndian(const uint8_t* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
  return word;
}

// Whether any byte is 0xFF: its complement has a zero byte.
bool HasMarkerByte(uint64_t word) {
  const uint64_t inverse = ~word;
  return ((inverse - 0x0101010101010101u) & word & 0x8080808080808080u) != 0;
}

// The next bits of entropy-coded data, stuffing removed, left-aligned in a register.
struct BitReader {
  const uint8_t* p;
  const uint8_t* begin;
  const uint8_t* end;
  uint64_t window = 0;
  int bits = 0;    // valid ones in `window`
  int padded = 0;  // of these, zeros that stand for what lies behind a marker or the end

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
    RefillSlowly();
  }
  __attribute__((noinline)) void RefillSlowly() {
    while (bits <= 56) {
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
  // The pointer to the byte that holds the next bit; that bit is `bits % 8` from its right, or its first.
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

void Build(const HuffmanSpec& spec, LengthTable& table) {
  table.run.fill(0);
  table.single.fill(0);
  table.symbols.fill(0);
  for (size_t i = 0; i < spec.symbols.size(); ++i) table.symbols[i] = spec.symbols[i];
  uint32_t code = 0;
  int32_t index = 0;
  for (int length = 1; length <= 16; ++length) {
    table.offset[length] = index - static_cast<int32_t>(code);
    for (int i = 0; i < spec.counts[length]; ++i, ++code, ++index) {
      if (length > kPeekBits) continue;
      const uint32_t first = code << (kPeekBits - length);
      for (uint32_t w = 0; w < (1u << (kPeekBits - length)); ++w) {
        table.single[first + w] = static_cast<uint16_t>(length | table.symbols[index] << 8);
      }
    }
    table.limit[length] = code << (16 - length);
    code <<= 1;
  }
  for (uint32_t window = 0; window < table.run.size(); ++window) {
    int used = 0, passed = 0, ended = 0;
    while (used < kPeekBits) {
      const uint16_t entry = table.single[(window << used) & ((1u << kPeekBits) - 1)];
      const int length = entry & 31;
      // The bits behind the window read as zeros here: a code counts only when it lies inside.
      if (length == 0 || used + length > kPeekBits) break;
      const int symbol = entry >> 8;
      const int run = symbol >> 4, size = symbol & 15;
      used += length + size;
      if (size == 0 && run != 15) {
        ended = 1;
        break;
      }
      passed += run + 1;
    }
    if (used == 0 || passed > 63) continue;
    table.run[window] = static_cast<uint16_t>(used | passed << 6 | ended << 13);
  }
}

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
      symbol = table.symbols[(static_cast<int32_t>(code >> (16 - length)) + table.offset[length]) & 255];
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

inline bool Dc(const LengthTable& table, BitReader& in, int32_t& difference) {
  if (in.bits < 32) in.Refill();
  int length = 0, size = 0;
  Symbol(table, in.window, length, size);
  if (length == 0) [[unlikely]]
    return false;
  in.Drop(length);
  difference = Extend(in.window, size);
  in.Drop(size);
  return true;
}

// As libjpeg reads a block: up to coefficient 63 or an end-of-block, a run beyond 63 ends it as well.
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

// Tables of the Huffman codes met last, so that the next request for the same file (or for any file with the
// standard's tables) need not build them.
const LengthTable* Cached(const HuffmanSpec& spec, int slot) {
  struct Entry {
    HuffmanSpec spec;
    LengthTable table;
  };
  static thread_local std::array<std::unique_ptr<Entry>, 8> cache;
  auto& entry = cache[slot];
  if (entry == nullptr) entry = std::make_unique<Entry>();
  if (!entry->spec.present || entry->spec.counts != spec.counts || entry->spec.symbols != spec.symbols) {
    entry->spec = spec;
    Build(spec, entry->table);
  }
  return &entry->table;
}

}  // namespace

Scanner::Scanner(const Stream& stream) : stream_(&stream) {
  for (size_t c = 0; c < stream.components.size(); ++c) {
    const Component& component = stream.components[c];
    dc_[c] = Cached(stream.dc[component.dc_table], component.dc_table);
    ac_[c] = Cached(stream.ac[component.ac_table], 4 + component.ac_table);
  }
}

bool Scanner::Advance(const Bytes& bytes, Cursor& cursor, int64_t mcu, Cursor* end) const {
  if (end != nullptr) *end = cursor;
  if (cursor.bit < bytes.begin * 8 || cursor.bit > bytes.end * 8) return false;
  const int64_t interval = stream_->restart_interval;
  const int blocks = stream_->blocks_in_mcu;
  while (cursor.mcu < mcu) {
    BitReader in(bytes, cursor.bit);
    int64_t stop = mcu;
    if (interval != 0) stop = std::min(mcu, (cursor.mcu / interval + 1) * interval);
    std::array<uint32_t, 3> dc{};  // unsigned: hostile differences may wrap
    for (size_t c = 0; c < 3; ++c) dc[c] = static_cast<uint32_t>(cursor.dc[c]);
    for (int64_t n = cursor.mcu; n < stop; ++n) {
      for (int block = 0; block < blocks; ++block) {
        const int c = stream_->block_component[block];
        int32_t difference = 0;
        if (!Dc(*dc_[c], in, difference)) return false;
        dc[c] += static_cast<uint32_t>(difference);
        if (!Ac(*ac_[c], in)) return false;
      }
      if (in.overrun()) return false;
    }
    cursor.mcu = stop;
    cursor.bit = in.Bit(bytes);
    for (size_t c = 0; c < 3; ++c) cursor.dc[c] = static_cast<int32_t>(dc[c]);
    if (end != nullptr) *end = cursor;
    if (interval != 0 && stop % interval == 0 && stop < stream_->mcus()) {
      const int64_t marker = (cursor.bit + 7) >> 3;  // the rest of a byte is padding
      if (marker + 2 > bytes.end) return false;
      const uint8_t* p = bytes.at(marker);
      if (p[0] != 0xFF || p[1] != 0xD0 + ((stop / interval - 1) & 7)) return false;
      cursor.bit = (marker + 2) * 8;
      cursor.dc = {};
    }
  }
  return true;
}

bool Scanner::PassDc(const Bytes& bytes, int component, int64_t bit, int64_t& after,
                     int32_t& difference) const {
  BitReader in(bytes, bit);
  if (!Dc(*dc_[component], in, difference) || in.overrun()) return false;
  after = in.Bit(bytes);
  return true;
}

bool Scanner::PassAc(const Bytes& bytes, int component, int64_t bit, int64_t& after) const {
  BitReader in(bytes, bit);
  if (!Ac(*ac_[component], in) || in.overrun()) return false;
  after = in.Bit(bytes);
  return true;
}

bool FindRestarts(const Bytes& bytes, int64_t most, std::vector<int64_t>& behind) {
  behind.clear();
  const uint8_t* const end = bytes.data + (bytes.end - bytes.begin);
  const uint8_t* p = bytes.data;
  while (static_cast<int64_t>(behind.size()) < most) {
    p = static_cast<const uint8_t*>(std::memchr(p, 0xFF, static_cast<size_t>(end - p)));
    if (p == nullptr || end - p < 2) return false;
    if (p[1] == 0) {
      p += 2;
      continue;
    }
    if (p[1] != 0xD0 + (behind.size() & 7)) return false;
    p += 2;
    behind.push_back(bytes.begin + (p - bytes.data));
  }
  return true;
}

}  // namespace iiifbench::jpeg
