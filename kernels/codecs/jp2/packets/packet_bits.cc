#include "kernels/codecs/jp2/packets/packet_bits.h"

#include <algorithm>

namespace iiifbench::jp2 {
namespace {

constexpr int64_t kFirstRead = 256, kLongestRead = int64_t{64} << 10;

}  // namespace

Result<void> HeaderBits::Start(Source& source, const TileData& data, int64_t at, bool sop) {
  source_ = &source, data_ = &data, at_ = at;
  byte_ = 0, left_ = 0, beyond_ = false;
  next_read_ = kFirstRead;
  // FF91, length 4, a counter.
  if (sop && at + 6 <= data.bytes && ByteAt(at) == 0xFF && ByteAt(at + 1) == 0x91) at_ += 6;
  if (failed_) return *failed_;
  return {};
}

uint8_t HeaderBits::ByteAt(int64_t at) {
  if (at >= data_->bytes) {
    beyond_ = true;
    return 0;
  }
  if (at < window_at_ || at >= window_at_ + window_bytes_) {
    const int64_t count = std::min(next_read_, data_->bytes - at);
    next_read_ = std::min(2 * next_read_, kLongestRead);
    if (static_cast<int64_t>(window_.size()) < count) window_.resize(static_cast<size_t>(count));
    auto got = data_->Read(*source_, at, std::span(window_).first(static_cast<size_t>(count)));
    window_at_ = at, window_bytes_ = got ? count : 0;
    if (!got) {
      failed_ = got.error();
      beyond_ = true;
      return 0;
    }
  }
  return window_[static_cast<size_t>(at - window_at_)];
}

void HeaderBits::NextByte() {
  left_ = byte_ == 0xFF ? 7 : 8;
  byte_ = ByteAt(at_++);
}

Result<int64_t> HeaderBits::End(bool eph) {
  if (byte_ == 0xFF) NextByte();
  if (eph) {
    if (ByteAt(at_) != 0xFF || ByteAt(at_ + 1) != 0x92)
      return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: no EPH marker behind a packet header",
                  source_->name());
    at_ += 2;
  }
  if (failed_) return *failed_;
  if (beyond_)
    return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: the tile ends inside a packet header",
                source_->name());
  return at_;
}

void HeaderWriter::Bit(uint32_t bit) {
  byte_ |= bit << --left_;
  if (left_ > 0) return;
  out_.push_back(static_cast<uint8_t>(byte_));
  left_ = byte_ == 0xFF ? 7 : 8;
  byte_ = 0;
}

void HeaderWriter::End() {
  // Seven bits left behind FF: the stuffed byte must follow even when it holds nothing.
  if (left_ == 8) return;
  out_.push_back(static_cast<uint8_t>(byte_));
  byte_ = 0, left_ = 8;
}

void TagTree::Reset(int64_t width, int64_t height) {
  depth_ = 0;
  size_t first = 0;
  for (;;) {
    levels_[depth_++] = {width, height, first};
    first += static_cast<size_t>(width * height);
    if (width <= 1 && height <= 1) break;
    width = (width + 1) / 2, height = (height + 1) / 2;
  }
  nodes_.assign(first, {});
}

int TagTree::Value(int64_t x, int64_t y, int most, HeaderBits& bits) {
  int low = 0;
  for (size_t level = depth_; level-- > 0;) {
    Entry& node = nodes_[Node(level, x, y)];
    if (node.known) {
      low = node.value;
      continue;
    }
    low = std::max(low, int{node.value});
    while (low <= most) {
      if (bits.Bit() == 1) {
        node.known = true;
        break;
      }
      ++low;
    }
    node.value = static_cast<uint16_t>(low);
    if (!node.known) return most + 1;
  }
  return low;
}

void TagTree::Settle() {
  for (size_t level = 1; level < depth_; ++level) {
    const Level& below = levels_[level - 1];
    const Level& here = levels_[level];
    for (int64_t y = 0; y < here.height; ++y) {
      for (int64_t x = 0; x < here.width; ++x) {
        uint16_t least = 65535;
        for (int64_t v = 2 * y; v < std::min(2 * y + 2, below.height); ++v)
          for (int64_t u = 2 * x; u < std::min(2 * x + 2, below.width); ++u)
            least = std::min(least,
                             nodes_[below.first + static_cast<size_t>(v * below.width + u)].value);
        nodes_[here.first + static_cast<size_t>(y * here.width + x)].value = least;
      }
    }
  }
}

void TagTree::Write(int64_t x, int64_t y, int most, HeaderWriter& bits) {
  uint16_t low = 0;
  for (size_t level = depth_; level-- > 0;) {
    Entry& node = nodes_[Node(level, x, y)];
    low = std::max(low, node.low);
    while (!node.known && low <= most) {
      const bool reached = low >= node.value;
      bits.Bit(reached ? 1 : 0);
      if (reached) {
        node.known = true;
      } else {
        ++low;
      }
    }
    if (node.known) low = node.value;
    node.low = low;
    if (!node.known) return;
  }
}

}  // namespace iiifbench::jp2
