#include "kernels/codecs/jpeg/huffman/scan.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "kernels/codecs/jpeg/huffman/bits.h"
#include "kernels/image/wanted.h"

namespace iiifbench::jpeg {
namespace {

constexpr int64_t kMcusAtOnce = 1 << 16;  // between two questions whether they are still wanted

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

// Tables of the Huffman codes met last, so that the next request for the same file (or for any file
// with the standard's tables) need not build them.
const LengthTable* Cached(const HuffmanSpec& spec, int slot) {
  struct Entry {
    HuffmanSpec spec;
    LengthTable table;
  };
  static thread_local std::array<std::unique_ptr<Entry>, 8> cache;
  auto& entry = cache[slot];
  if (entry == nullptr) entry = std::make_unique<Entry>();
  if (!entry->spec.present || entry->spec.counts != spec.counts ||
      entry->spec.symbols != spec.symbols) {
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
    if (!StillWanted()) return false;
    BitReader in(bytes, cursor.bit);
    int64_t stop = std::min(mcu, cursor.mcu + kMcusAtOnce);
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
      // The rest of a byte is padding.
      const int64_t marker = PassFill(bytes, (cursor.bit + 7) >> 3);
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
    if (p[1] == 0xFF) {  // a fill byte
      ++p;
      continue;
    }
    if (p[1] != 0xD0 + (behind.size() & 7)) return false;
    p += 2;
    behind.push_back(bytes.begin + (p - bytes.data));
  }
  return true;
}

}  // namespace iiifbench::jpeg
