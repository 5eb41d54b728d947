// Tier 1 by the flow charts of T.800 annexes C and D, one sample and one decision at a time: what
// the decoders of kernels/codecs/jp2/t1 are compared with. Nothing is shared with them.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "kernels/codecs/jp2/t1/code_block.h"

namespace iiifbench {

// Annex C, the software conventions of C.3; and the raw bits of D.6.
class ReferenceBits {
 public:
  void Begin(const uint8_t* data, size_t bytes, bool raw) {
    data_ = data, bytes_ = bytes, at_ = 0, raw_ = raw;
    if (raw) {
      byte_ = 0, left_ = 0;
      return;
    }
    c_ = static_cast<uint32_t>(Byte(0)) << 16;
    ByteIn();
    c_ <<= 7, ct_ -= 7, a_ = 0x8000;
    if (c_ >> 16 >= a_) possible_ = false;
  }
  // Whether each code began inside its first interval, as a coder's does.
  bool possible() const { return possible_; }
  void Reset() {
    index_.fill(0), mps_.fill(0);
    index_[0] = 4, index_[17] = 3, index_[18] = 46;
  }
  int Decode(size_t context) {
    const Row& row = kRows[index_[context]];
    int& mps = mps_[context];
    int decision = mps;
    a_ -= row.qe;
    if (c_ >> 16 < row.qe) {  // LPS_EXCHANGE
      if (a_ < row.qe) {
        index_[context] = row.next_mps;
      } else {
        decision = 1 - mps;
        if (row.change == 1) mps = 1 - mps;
        index_[context] = row.next_lps;
      }
      a_ = row.qe;
      Renormalise();
    } else {
      c_ -= static_cast<uint32_t>(row.qe) << 16;
      if ((a_ & 0x8000) == 0) {  // MPS_EXCHANGE
        if (a_ < row.qe) {
          decision = 1 - mps;
          if (row.change == 1) mps = 1 - mps;
          index_[context] = row.next_lps;
        } else {
          index_[context] = row.next_mps;
        }
        Renormalise();
      }
    }
    return decision;
  }
  int Raw() {
    if (left_ == 0) {
      const bool stuffed = byte_ == 0xFF;
      if (stuffed && Byte(at_) > 0x8F) {
        left_ = 8;  // ones for ever
      } else {
        byte_ = Byte(at_++), left_ = stuffed ? 7 : 8;
      }
    }
    return byte_ >> --left_ & 1;
  }

 private:
  struct Row {
    uint32_t qe;
    int next_mps, next_lps, change;
  };
  static constexpr Row kRows[47] = {
      {0x5601, 1, 1, 1},   {0x3401, 2, 6, 0},   {0x1801, 3, 9, 0},   {0x0AC1, 4, 12, 0},
      {0x0521, 5, 29, 0},  {0x0221, 38, 33, 0}, {0x5601, 7, 6, 1},   {0x5401, 8, 14, 0},
      {0x4801, 9, 14, 0},  {0x3801, 10, 14, 0}, {0x3001, 11, 17, 0}, {0x2401, 12, 18, 0},
      {0x1C01, 13, 20, 0}, {0x1601, 29, 21, 0}, {0x5601, 15, 14, 1}, {0x5401, 16, 14, 0},
      {0x5101, 17, 15, 0}, {0x4801, 18, 16, 0}, {0x3801, 19, 17, 0}, {0x3401, 20, 18, 0},
      {0x3001, 21, 19, 0}, {0x2801, 22, 19, 0}, {0x2401, 23, 20, 0}, {0x2201, 24, 21, 0},
      {0x1C01, 25, 22, 0}, {0x1801, 26, 23, 0}, {0x1601, 27, 24, 0}, {0x1401, 28, 25, 0},
      {0x1201, 29, 26, 0}, {0x1101, 30, 27, 0}, {0x0AC1, 31, 28, 0}, {0x09C1, 32, 29, 0},
      {0x08A1, 33, 30, 0}, {0x0521, 34, 31, 0}, {0x0441, 35, 32, 0}, {0x02A1, 36, 33, 0},
      {0x0221, 37, 34, 0}, {0x0141, 38, 35, 0}, {0x0111, 39, 36, 0}, {0x0085, 40, 37, 0},
      {0x0049, 41, 38, 0}, {0x0025, 42, 39, 0}, {0x0015, 43, 40, 0}, {0x0009, 44, 41, 0},
      {0x0005, 45, 42, 0}, {0x0001, 45, 43, 0}, {0x5601, 46, 46, 0}};

  int Byte(size_t at) const { return at < bytes_ ? data_[at] : 0xFF; }
  void ByteIn() {
    if (Byte(at_) == 0xFF) {
      if (Byte(at_ + 1) > 0x8F) {
        c_ += 0xFF00, ct_ = 8;
      } else {
        ++at_;
        c_ += static_cast<uint32_t>(Byte(at_)) << 9, ct_ = 7;
      }
    } else {
      ++at_;
      c_ += static_cast<uint32_t>(Byte(at_)) << 8, ct_ = 8;
    }
  }
  void Renormalise() {
    do {
      if (ct_ == 0) ByteIn();
      a_ <<= 1, c_ <<= 1, --ct_;
    } while ((a_ & 0x8000) == 0);
  }

  const uint8_t* data_ = nullptr;
  size_t bytes_ = 0, at_ = 0;
  bool raw_ = false, possible_ = true;
  uint32_t a_ = 0, c_ = 0;
  int ct_ = 0, byte_ = 0, left_ = 0;
  std::array<int, 19> index_{}, mps_{};
};

// Decodes `block` into block.out.
class ReferenceBlock {
 public:
  explicit ReferenceBlock(const jp2::CodeBlock& block)
      : b_(block), samples_(static_cast<size_t>(block.width * block.height)) {}

  // False where a code string is impossible.
  bool Decode() {
    const uint8_t* data = b_.data;
    size_t segment = 0;
    int left = 0;
    bits_.Reset();
    for (int pass = 0; pass < b_.passes; ++pass) {
      const int kind = pass % 3;  // 0 cleanup, 1 significance, 2 refinement
      plane_ = b_.planes - 1 - (pass + 2) / 3;
      raw_ = (b_.style & jp2::kBypass) != 0 && pass >= 10 && kind != 0;
      if (left == 0) {
        bits_.Begin(data, b_.segments[segment].bytes, raw_);
        data += b_.segments[segment].bytes;
        left = b_.segments[segment].passes;
        ++segment;
      }
      --left;
      if ((b_.style & jp2::kResetContexts) != 0) bits_.Reset();
      if (kind == 1)
        for (Sample& s : samples_) s.visited = false;
      for (int top = 0; top < b_.height; top += 4) {
        for (int x = 0; x < b_.width; ++x) {
          if (kind == 0) CleanColumn(x, top);
          for (int y = top; kind != 0 && y < std::min(top + 4, b_.height); ++y)
            kind == 1 ? Significance(x, y) : Refinement(x, y);
        }
      }
      if (kind == 0 && (b_.style & jp2::kSegmentationSymbols) != 0)
        for (int i = 0; i < 4; ++i) bits_.Decode(18);
    }
    Store();
    return bits_.possible();
  }

 private:
  struct Sample {
    int64_t magnitude = 0;
    int last = 0;  // plane that was decoded last
    bool significant = false, negative = false, visited = false, refined = false;
  };
  Sample& At(int x, int y) { return samples_[static_cast<size_t>(y * b_.width + x)]; }
  // Significance of the neighbour of (x, y) at a distance: outside, and below the stripe of a
  // causal block, there is none.
  const Sample* Neighbour(int x, int y, int dx, int dy) {
    const int u = x + dx, v = y + dy;
    if (u < 0 || v < 0 || u >= b_.width || v >= b_.height) return nullptr;
    if ((b_.style & jp2::kVerticallyCausal) != 0 && v / 4 > y / 4) return nullptr;
    return &At(u, v);
  }
  int Is(int x, int y, int dx, int dy) {
    const Sample* s = Neighbour(x, y, dx, dy);
    return s != nullptr && s->significant ? 1 : 0;
  }
  // Table D.1.
  size_t Context(int x, int y) {
    int h = Is(x, y, -1, 0) + Is(x, y, 1, 0), v = Is(x, y, 0, -1) + Is(x, y, 0, 1);
    const int d = Is(x, y, -1, -1) + Is(x, y, 1, -1) + Is(x, y, -1, 1) + Is(x, y, 1, 1);
    if (b_.band == 3) {
      if (d >= 3) return 8;
      if (d == 2) return h + v >= 1 ? 7 : 6;
      if (d == 1) return h + v >= 2 ? 5 : h + v == 1 ? 4 : 3;
      return h + v >= 2 ? 2 : h + v == 1 ? 1 : 0;
    }
    if (b_.band == 1) std::swap(h, v);
    if (h == 2) return 8;
    if (h == 1) return v >= 1 ? 7 : d >= 1 ? 6 : 5;
    if (v == 2) return 4;
    if (v == 1) return 3;
    return d >= 2 ? 2 : d == 1 ? 1 : 0;
  }
  int Contribution(int x, int y, int dx, int dy) {
    const Sample* s = Neighbour(x, y, dx, dy);
    return s == nullptr || !s->significant ? 0 : s->negative ? -1 : 1;
  }
  // Tables D.2 and D.3.
  void Sign(int x, int y) {
    Sample& s = At(x, y);
    if (raw_) {
      s.negative = bits_.Raw() == 1;
    } else {
      const int h = std::clamp(Contribution(x, y, -1, 0) + Contribution(x, y, 1, 0), -1, 1);
      const int v = std::clamp(Contribution(x, y, 0, -1) + Contribution(x, y, 0, 1), -1, 1);
      static constexpr struct {
        size_t context;
        int flip;
      } kTable[3][3] = {
          {{13, 1}, {12, 1}, {11, 1}}, {{10, 1}, {9, 0}, {10, 0}}, {{11, 0}, {12, 0}, {13, 0}}};
      const auto& entry = kTable[h + 1][v + 1];
      s.negative = (bits_.Decode(entry.context) ^ entry.flip) == 1;
    }
    s.significant = true;
    s.magnitude = int64_t{1} << plane_, s.last = plane_;
  }
  void Significance(int x, int y) {
    Sample& s = At(x, y);
    if (s.significant) return;
    const size_t context = Context(x, y);
    if (context == 0) return;
    s.visited = true;
    if ((raw_ ? bits_.Raw() : bits_.Decode(context)) == 1) Sign(x, y);
  }
  void Refinement(int x, int y) {
    Sample& s = At(x, y);
    if (!s.significant || s.visited) return;
    const size_t context = s.refined ? 16 : Context(x, y) > 0 ? 15 : 14;
    const int64_t bit = raw_ ? bits_.Raw() : bits_.Decode(context);
    s.magnitude |= bit << plane_;
    s.last = plane_, s.refined = true;
  }
  void CleanColumn(int x, int top) {
    int y = top;
    bool run = top + 4 <= b_.height;
    for (int v = top; run && v < top + 4; ++v)
      run = !At(x, v).significant && !At(x, v).visited && Context(x, v) == 0;
    if (run) {
      if (bits_.Decode(17) == 0) return;
      int first = bits_.Decode(18) << 1;
      first |= bits_.Decode(18);
      Sign(x, top + first);
      y = top + first + 1;
    }
    for (; y < std::min(top + 4, b_.height); ++y) {
      const Sample& s = At(x, y);
      if (!s.significant && !s.visited && bits_.Decode(Context(x, y)) == 1) Sign(x, y);
    }
    for (int v = top; v < std::min(top + 4, b_.height); ++v) At(x, v).visited = false;
  }
  void Store() {
    const jp2::BlockOutput& out = b_.out;
    for (int y = out.top; y < out.bottom; ++y) {
      for (int x = out.left; x < out.right; ++x) {
        const Sample& s = At(x, y);
        // Twice, so that half a step is a whole number.
        int64_t twice = s.significant ? 2 * s.magnitude + (int64_t{1} << s.last) : 0;
        if (out.region_shift > 0 && twice / 2 >= int64_t{1} << std::min(out.region_shift, 40))
          twice >>= out.region_shift;
        if (s.negative) twice = -twice;
        int32_t& to = out.to[(y - out.top) * out.stride + x - out.left];
        to = out.half_step == 0 ? static_cast<int32_t>(twice / 2)
                                : std::bit_cast<int32_t>(static_cast<float>(twice) * out.half_step);
      }
    }
  }

  const jp2::CodeBlock& b_;
  std::vector<Sample> samples_;
  ReferenceBits bits_;
  int plane_ = 0;
  bool raw_ = false;
};

}  // namespace iiifbench
