#include "harness/answers/webp_quality.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace iiifbench {
namespace {

// RFC 6386, clause 7. Past its end it reads zeros.
class BooleanDecoder {
 public:
  explicit BooleanDecoder(std::span<const uint8_t> bytes) : bytes_(bytes) {
    value_ = NextByte() << 8;
    value_ |= NextByte();
  }
  bool Flag() { return Bit(128); }
  int Number(int bits) {
    int out = 0;
    for (int i = 0; i < bits; ++i) out = 2 * out + (Bit(128) ? 1 : 0);
    return out;
  }
  int Signed(int bits) {
    const int magnitude = Number(bits);
    return Flag() ? -magnitude : magnitude;
  }

 private:
  bool Bit(uint32_t probability) {
    const uint32_t split = 1 + (((range_ - 1) * probability) >> 8);
    const bool set = value_ >= split << 8;
    if (set) value_ -= split << 8;
    range_ = set ? range_ - split : split;
    while (range_ < 128) {
      value_ <<= 1, range_ <<= 1;
      if (++shifted_ == 8) shifted_ = 0, value_ |= NextByte();
    }
    return set;
  }
  uint32_t NextByte() { return at_ < bytes_.size() ? bytes_[at_++] : 0; }

  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
  uint32_t value_ = 0, range_ = 255;
  int shifted_ = 0;
};

std::string_view TextAt(std::span<const uint8_t> bytes, size_t at) {
  return {reinterpret_cast<const char*>(bytes.data()) + at, 4};
}

// The data of the chunk "VP8 "; empty where there is none.
std::span<const uint8_t> LossyChunk(std::span<const uint8_t> webp) {
  if (webp.size() < 12 || TextAt(webp, 0) != "RIFF" || TextAt(webp, 8) != "WEBP") return {};
  size_t at = 12;
  while (webp.size() - at >= 8) {
    const size_t size = webp[at + 4] | size_t{webp[at + 5]} << 8 | size_t{webp[at + 6]} << 16 |
                        size_t{webp[at + 7]} << 24;
    const size_t left = webp.size() - at - 8;
    if (TextAt(webp, at) == "VP8 ") return webp.subspan(at + 8, std::min(size, left));
    if (size + (size & 1) > left) return {};
    at += 8 + size + (size & 1);
  }
  return {};
}

// Mean quantiser index of the segments; that of the frame where it has none of its own.
double MeanIndex(std::span<const uint8_t> header) {
  BooleanDecoder bits(header);
  bits.Number(2);  // colour space, clamping
  double sum = 0;
  bool absolute = false, segmented = false;
  if (bits.Flag()) {
    const bool map = bits.Flag();
    if (bits.Flag()) {
      segmented = true, absolute = bits.Flag();
      for (int i = 0; i < 4; ++i) sum += bits.Flag() ? bits.Signed(7) : 0;
      for (int i = 0; i < 4; ++i) {
        if (bits.Flag()) bits.Signed(6);
      }
    }
    for (int i = 0; map && i < 3; ++i) {
      if (bits.Flag()) bits.Number(8);
    }
  }
  bits.Number(1 + 6 + 3);  // of the loop filter
  if (bits.Flag() && bits.Flag()) {
    for (int i = 0; i < 8; ++i) {
      if (bits.Flag()) bits.Signed(6);
    }
  }
  bits.Number(2);  // partitions
  const int frame = bits.Number(7);
  return !segmented ? frame : absolute ? sum / 4 : frame + sum / 4;
}

}  // namespace

std::optional<int> WebpQuality(std::span<const uint8_t> webp) {
  const auto frame = LossyChunk(webp);
  constexpr size_t kStart = 10;  // tag, start code, dimensions of a key frame
  if (frame.size() <= kStart || (frame[0] & 1) != 0 || frame[3] != 0x9D || frame[4] != 0x01 ||
      frame[5] != 0x2A)
    return {};
  const double linear =
      std::pow(1 - std::clamp(MeanIndex(frame.subspan(kStart)), 0.0, 127.0) / 127, 3);
  const double quality = linear < 0.5 ? linear * 1.5 : (linear + 1) / 2;
  return static_cast<int>(std::lround(100 * std::clamp(quality, 0.0, 1.0)));
}

}  // namespace iiifbench
