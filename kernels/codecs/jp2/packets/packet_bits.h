// jp2/packets/packet_bits: the bits of packet headers, read and written.
//
// Standard: ITU-T T.800 B.10.1 (a byte behind FF has seven bits), B.10.2 (tag trees), A.8 (SOP and
// EPH markers). Memory: a window of at most 64 KB of the header; 6 bytes a node. Errors: reading
// beyond the tile gives zeros and is remembered (beyond), so that loops need one check a
// code-block. Threads: none of its own.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "kernels/codecs/jp2/packets/tile_data.h"

namespace iiifbench::jp2 {

// One packet header after the other.
class HeaderBits {
 public:
  // Begins at `at` of the packets; passes over an SOP marker where they are in use.
  Result<void> Start(Source& source, const TileData& data, int64_t at, bool sop);
  uint32_t Bit() {
    if (left_ == 0) NextByte();
    return (byte_ >> --left_) & 1u;
  }
  uint32_t Bits(int count) {
    uint32_t value = 0;
    for (; count > 0; --count) value = value << 1 | Bit();
    return value;
  }
  bool beyond() const { return beyond_; }
  // Passes over the stuffing and EPH; where the bodies begin.
  Result<int64_t> End(bool eph);

 private:
  void NextByte();
  uint8_t ByteAt(int64_t at);

  Source* source_ = nullptr;
  const TileData* data_ = nullptr;
  std::vector<uint8_t> window_;
  int64_t window_at_ = 0, window_bytes_ = 0, next_read_ = 0;
  int64_t at_ = 0;
  uint32_t byte_ = 0;
  int left_ = 0;
  bool beyond_ = false;
  std::optional<Error> failed_;
};

// A packet header to be written.
class HeaderWriter {
 public:
  explicit HeaderWriter(std::vector<uint8_t>& out) : out_(out) {}
  void Bit(uint32_t bit);
  void Bits(uint32_t value, int count) {
    for (int i = count - 1; i >= 0; --i) Bit((value >> i) & 1u);
  }
  void End();

 private:
  std::vector<uint8_t>& out_;
  uint32_t byte_ = 0;
  int left_ = 8;
};

// A quarter-size tree of minima over a grid; both ways.
class TagTree {
 public:
  // Nothing known.
  void Reset(int64_t width, int64_t height);
  // The value at (x, y), or `most` + 1 when it is larger: one more bit a level says so.
  int Value(int64_t x, int64_t y, int most, HeaderBits& bits);
  // To write: leaves first, then Settle, then each leaf in order.
  void Set(int64_t x, int64_t y, int value) {
    nodes_[Node(0, x, y)].value = static_cast<uint16_t>(value);
  }
  void Settle();
  // Writes what is not known yet of whether the value at (x, y) is <= most, and which.
  void Write(int64_t x, int64_t y, int most, HeaderWriter& bits);

 private:
  struct Entry {
    uint16_t value = 0;  // reading: its lower bound; of a layer up to 65535
    uint16_t low = 0;    // writing: the bound that a reader knows
    bool known = false;
  };
  struct Level {
    int64_t width = 0, height = 0;
    size_t first = 0;
  };
  size_t Node(size_t level, int64_t x, int64_t y) const {
    const Level& l = levels_[level];
    return l.first + static_cast<size_t>((y >> level) * l.width + (x >> level));
  }
  std::vector<Entry> nodes_;
  std::array<Level, 32> levels_{};
  size_t depth_ = 0;
};

}  // namespace iiifbench::jp2
