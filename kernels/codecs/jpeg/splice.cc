#include "kernels/codecs/jpeg/splice.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

#include "kernels/codecs/jpeg/huffman/bits.h"

namespace iiifbench::jpeg {
namespace {

uint64_t SwapToBigEndian(uint64_t word) {
  if constexpr (std::endian::native == std::endian::little) return __builtin_bswap64(word);
  return word;
}

// Adds categories 0..11 that `table` lacks, as codes of 16 bits behind all others (never the one of
// all ones).
void AddMissingCategories(HuffmanSpec& table) {
  uint32_t next = 0;
  for (int length = 1; length <= 16; ++length)
    next = (next + table.counts[length]) << (length < 16 ? 1 : 0);
  for (uint8_t category = 0; category <= 11; ++category) {
    if (std::ranges::find(table.symbols, category) != table.symbols.end()) continue;
    if (next >= 0xFFFF) return;
    table.symbols.push_back(category);
    ++table.counts[16];
    ++next;
  }
}

void PutWord(ByteSink& out, int word) {
  out.Put(static_cast<uint8_t>(word >> 8));
  out.Put(static_cast<uint8_t>(word));
}

void PutBytes(ByteSink& out, std::span<const uint8_t> bytes) {
  std::memcpy(out.Room(bytes.size()), bytes.data(), bytes.size());
  out.Used(bytes.size());
}

void PutHuffman(ByteSink& out, int destination, const HuffmanSpec& table) {
  PutWord(out, 0xFFC4);
  PutWord(out, static_cast<int>(2 + 17 + table.symbols.size()));
  out.Put(static_cast<uint8_t>(destination));
  PutBytes(out, std::span(table.counts).subspan(1));
  PutBytes(out, table.symbols);
}

}  // namespace

Splicer::Splicer(const Stream& stream, const Scanner& scanner, ByteSink& out)
    : stream_(&stream), scanner_(&scanner), out_(&out), dc_(stream.dc) {
  for (size_t slot = 0; slot < dc_.size(); ++slot) {
    if (!dc_[slot].present) continue;
    AddMissingCategories(dc_[slot]);
    uint32_t code = 0;
    size_t index = 0;
    for (int length = 1; length <= 16; ++length, code <<= 1) {
      for (int i = 0; i < dc_[slot].counts[length]; ++i, ++code, ++index) {
        codes_[slot][dc_[slot].symbols[index] & 15] = {static_cast<uint16_t>(code),
                                                       static_cast<uint8_t>(length)};
      }
    }
  }
}

void Splicer::Begin(Size size, int mcus_across) {
  const Stream& s = *stream_;
  ByteSink& out = *out_;
  out.Clear();
  rows_ = 0;
  pending_ = 0;
  pending_bits_ = 0;
  PutWord(out, 0xFFD8);
  // What the library derives the colour space from.
  if (s.jfif) {
    static constexpr uint8_t kJfif[] = {0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0,
                                        1,    1,    0, 0,  1,   0,   1,   0,   0};
    PutBytes(out, kJfif);
  }
  if (s.adobe_transform >= 0) {
    const uint8_t adobe[] = {
        0xFF, 0xEE, 0,   14, 'A', 'd', 'o', 'b',
        'e',  0,    100, 0,  0,   0,   0,   static_cast<uint8_t>(s.adobe_transform)};
    PutBytes(out, adobe);
  }
  for (const QuantisationSpec& table : s.quantisation) {
    if (!table.present) continue;
    PutWord(out, 0xFFDB);
    PutWord(out, static_cast<int>(2 + table.payload.size()));
    PutBytes(out, table.payload);
  }
  for (int slot = 0; slot < 4; ++slot) {
    if (dc_[slot].present) PutHuffman(out, slot, dc_[slot]);
    if (s.ac[slot].present) PutHuffman(out, 16 + slot, s.ac[slot]);
  }
  PutWord(out, 0xFF00 | s.frame_marker);
  const int count = static_cast<int>(s.components.size());
  PutWord(out, 8 + 3 * count);
  out.Put(8);
  PutWord(out, size.height);
  PutWord(out, size.width);
  out.Put(static_cast<uint8_t>(count));
  for (const Component& c : s.components) {
    out.Put(c.id);
    out.Put(static_cast<uint8_t>(c.h << 4 | c.v));
    out.Put(static_cast<uint8_t>(c.quantisation));
  }
  PutWord(out, 0xFFDD);
  PutWord(out, 4);
  PutWord(out, mcus_across);
  PutWord(out, 0xFFDA);
  PutWord(out, 6 + 2 * count);
  out.Put(static_cast<uint8_t>(count));
  for (const Component& c : s.components) {
    out.Put(c.id);
    out.Put(static_cast<uint8_t>(c.dc_table << 4 | c.ac_table));
  }
  out.Put(0);
  out.Put(63);
  out.Put(0);
}

void Splicer::PutBits(uint64_t value, int count) {
  if (count == 0) return;
  pending_ |= value << (64 - count) >> pending_bits_;
  pending_bits_ += count;
  uint8_t* to = out_->Room(32);
  size_t written = 0;
  for (; pending_bits_ >= 8; pending_bits_ -= 8, pending_ <<= 8) {
    const auto byte = static_cast<uint8_t>(pending_ >> 56);
    to[written++] = byte;
    if (byte == 0xFF) to[written++] = 0;
  }
  out_->Used(written);
}

bool Splicer::PutDc(int component, int64_t difference) {
  if (std::llabs(difference) > 32767) return false;
  const auto magnitude = static_cast<uint32_t>(std::llabs(difference));
  const int size = static_cast<int>(std::bit_width(magnitude));
  const Code code = codes_[stream_->components[component].dc_table][size];
  if (code.length == 0) return false;
  PutBits(code.code, code.length);
  const int64_t extra = difference < 0 ? difference + (1 << size) - 1 : difference;  // T.81 F.1.2.1
  PutBits(static_cast<uint64_t>(extra), size);
  return true;
}

void Splicer::CopyBits(const Bytes& bytes, int64_t from, int64_t to) {
  if (from >= to) return;
  const uint8_t* p = bytes.at(from >> 3);
  const uint8_t* const last = bytes.at(to >> 3);  // holds the last to % 8 bits
  const int skip = static_cast<int>(from & 7);
  const int tail = static_cast<int>(to & 7);
  if (p == last) {
    PutBits((static_cast<uint64_t>(*p) >> (8 - tail)) & ((1u << (tail - skip)) - 1), tail - skip);
    return;
  }
  const auto stuffed = [last](const uint8_t* at) { return *at == 0xFF && at + 1 < last ? 2 : 1; };
  PutBits(*p & (0xFFu >> skip), 8 - skip);
  p += stuffed(p);
  uint8_t* out = out_->Room(static_cast<size_t>(last > p ? last - p : 0) * 2 + 32);
  uint8_t* const out_begin = out;
  const int shift = pending_bits_;  // constant while whole bytes are added
  while (p < last) {
    uint64_t word = 0;
    if (last - p >= 8) std::memcpy(&word, p, 8);
    word = SwapToBigEndian(word);
    if (last - p >= 8 && !HasMarkerByte(word)) [[likely]] {
      const uint64_t ready = pending_ | word >> shift;
      pending_ = shift == 0 ? 0 : word << (64 - shift);
      p += 8;
      if (!HasMarkerByte(ready)) [[likely]] {
        const uint64_t swapped = SwapToBigEndian(ready);
        std::memcpy(out, &swapped, 8);
        out += 8;
        continue;
      }
      for (int at = 56; at >= 0; at -= 8) {
        const auto byte = static_cast<uint8_t>(ready >> at);
        *out++ = byte;
        if (byte == 0xFF) *out++ = 0;
      }
      continue;
    }
    const uint64_t ready = pending_ | static_cast<uint64_t>(*p) << 56 >> shift;
    p += stuffed(p);
    const auto byte = static_cast<uint8_t>(ready >> 56);
    *out++ = byte;
    if (byte == 0xFF) *out++ = 0;
    pending_ = ready << 8;
  }
  out_->Used(static_cast<size_t>(out - out_begin));
  if (tail != 0) PutBits(static_cast<uint64_t>(*last) >> (8 - tail), tail);
}

bool Splicer::RecodeMcu(const Bytes& bytes, const Cursor& from,
                        const std::array<int32_t, 3>& predictors, int64_t& behind) {
  std::array<bool, 3> seen{};
  int64_t bit = from.bit;
  for (int block = 0; block < stream_->blocks_in_mcu; ++block) {
    const int c = stream_->block_component[block];
    int64_t ac = 0, next = 0;
    int32_t difference = 0;
    if (!scanner_->PassDc(bytes, c, bit, ac, difference) || !scanner_->PassAc(bytes, c, ac, next))
      return false;
    if (seen[c]) {
      CopyBits(bytes, bit, next);
    } else {
      seen[c] = true;
      if (!PutDc(c, int64_t{from.dc[c]} + difference - predictors[c])) return false;
      CopyBits(bytes, ac, next);
    }
    bit = next;
  }
  behind = bit;
  return true;
}

void Splicer::FlushBits() {
  if (pending_bits_ != 0) PutBits(0xFF >> pending_bits_, 8 - pending_bits_);  // T.81 F.1.2.3: ones
}

bool Splicer::AddRow(const Bytes& bytes, const Cursor& from, int64_t last, int64_t end_bit) {
  if (from.bit < bytes.begin * 8 || end_bit > bytes.end * 8) return false;
  if (rows_ > 0) {
    FlushBits();
    out_->Put(0xFF);
    out_->Put(static_cast<uint8_t>(0xD0 + ((rows_ - 1) & 7)));
  }
  ++rows_;
  std::array<int32_t, 3> predictors{};
  Cursor at = from;
  const int64_t interval = stream_->restart_interval;
  while (at.mcu < last) {
    const int64_t stop = interval == 0 ? last : std::min(last, (at.mcu / interval + 1) * interval);
    int64_t behind = 0;
    if (!RecodeMcu(bytes, at, predictors, behind)) return false;
    Cursor end{.mcu = stop, .bit = end_bit};
    if (stop < last || end_bit < 0) {
      if (!scanner_->Advance(bytes, at, stop, &end)) return false;
    }
    if (end.bit < behind || end.bit > bytes.end * 8) return false;
    CopyBits(bytes, behind, end.bit);
    predictors = end.dc;
    at.mcu = stop;
  }
  return true;
}

void Splicer::End() {
  FlushBits();
  PutWord(*out_, 0xFFD9);
}

}  // namespace iiifbench::jpeg
