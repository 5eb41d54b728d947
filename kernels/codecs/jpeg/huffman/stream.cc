#include "kernels/codecs/jpeg/huffman/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace iiifbench::jpeg {
namespace {

int Word(std::span<const uint8_t> bytes, size_t at) { return bytes[at] << 8 | bytes[at + 1]; }

bool ParseQuantisation(std::span<const uint8_t> body, Stream& stream) {
  while (!body.empty()) {
    const size_t length = 1 + 64 * ((body[0] >> 4) != 0 ? 2 : 1);
    const int slot = body[0] & 15;
    if (slot > 3 || body.size() < length) return false;
    stream.quantisation[slot].present = true;
    stream.quantisation[slot].payload.assign(body.begin(),
                                             body.begin() + static_cast<ptrdiff_t>(length));
    body = body.subspan(length);
  }
  return true;
}

// Counts must describe a prefix code in which no code is all ones (T.81 C.2, F.1.2.1.3).
bool IsPrefixCode(const HuffmanSpec& table) {
  int64_t code = 0;
  for (int length = 1; length <= 16; ++length) {
    code += table.counts[length];
    if (table.counts[length] != 0 && code >= (int64_t{1} << length)) return false;
    code <<= 1;
  }
  return true;
}

bool ParseHuffman(std::span<const uint8_t> body, Stream& stream) {
  while (!body.empty()) {
    if (body.size() < 17 || (body[0] & 15) > 3 || (body[0] >> 4) > 1) return false;
    HuffmanSpec& table = (body[0] >> 4) == 0 ? stream.dc[body[0] & 15] : stream.ac[body[0] & 15];
    size_t total = 0;
    for (size_t length = 1; length <= 16; ++length) total += table.counts[length] = body[length];
    if (total > 256 || body.size() < 17 + total) return false;
    table.symbols.assign(body.begin() + 17, body.begin() + 17 + static_cast<ptrdiff_t>(total));
    table.present = true;
    if (!IsPrefixCode(table)) return false;
    // A DC category is at most 15 (libjpeg's bound, too).
    if ((body[0] >> 4) == 0 && std::ranges::any_of(table.symbols, [](uint8_t s) { return s > 15; }))
      return false;
    body = body.subspan(17 + total);
  }
  return true;
}

std::string ParseFrame(std::span<const uint8_t> body, Stream& stream) {
  if (body.size() < 6) return "a short frame header";
  if (body[0] != 8) return fmt::format("{} bits per sample", body[0]);
  stream.size = {Word(body, 3), Word(body, 1)};
  const size_t count = body[5];
  if (stream.size.width == 0 || stream.size.height == 0) return "no size in the frame header";
  if (count != 1 && count != 3) return fmt::format("{} components", count);
  if (body.size() != 6 + 3 * count) return "a frame header of wrong length";
  stream.components.clear();
  for (size_t c = 0; c < count; ++c) {
    const uint8_t* p = body.data() + 6 + 3 * c;
    Component component{.id = p[0], .h = p[1] >> 4, .v = p[1] & 15, .quantisation = p[2]};
    if (component.h < 1 || component.h > 4 || component.v < 1 || component.v > 4 || p[2] > 3)
      return "an impossible sampling factor or quantisation table";
    stream.components.push_back(component);
  }
  return {};
}

std::string ParseScan(std::span<const uint8_t> body, Stream& stream) {
  if (stream.components.empty()) return "a scan before the frame header";
  const size_t count = body.empty() ? 0 : body[0];
  if (body.size() != 4 + 2 * count) return "a scan header of wrong length";
  if (count != stream.components.size()) return "several scans";
  for (size_t c = 0; c < count; ++c) {
    Component& component = stream.components[c];
    if (body[1 + 2 * c] != component.id) return "components in another order than the frame's";
    component.dc_table = body[2 + 2 * c] >> 4;
    component.ac_table = body[2 + 2 * c] & 15;
    if (component.dc_table > 3 || component.ac_table > 3 ||
        !stream.dc[component.dc_table].present || !stream.ac[component.ac_table].present ||
        !stream.quantisation[component.quantisation].present) {
      return "a scan without its tables";
    }
  }
  // Spectral selection and approximation mean nothing in a sequential scan.
  return {};
}

// What follows from frame and scan headers.
std::string LayOut(Stream& s) {
  s.max_h = s.max_v = 1;
  s.blocks_in_mcu = 0;
  if (s.components.size() == 1) {
    // Not interleaved: its sampling factors mean nothing (T.81 A.2.2).
    s.components[0].h = s.components[0].v = 1;
  }
  for (const Component& c : s.components) {
    s.max_h = std::max(s.max_h, c.h);
    s.max_v = std::max(s.max_v, c.v);
  }
  for (size_t index = 0; index < s.components.size(); ++index) {
    const Component& c = s.components[index];
    if (s.max_h % c.h != 0 || s.max_v % c.v != 0) return "a sampling ratio that is no whole number";
    if (s.max_h > 2 * c.h || s.max_v > 2 * c.v) return "a sampling ratio above 2";
    for (int block = 0; block < c.h * c.v; ++block) {
      if (s.blocks_in_mcu == kMaxBlocksInMcu) return "more than ten blocks in an MCU";
      s.block_component[s.blocks_in_mcu++] = static_cast<uint8_t>(index);
    }
  }
  s.mcu = {8 * s.max_h, 8 * s.max_v};
  s.mcus_across = (s.size.width + s.mcu.width - 1) / s.mcu.width;
  s.mcus_down = (s.size.height + s.mcu.height - 1) / s.mcu.height;
  return {};
}

std::string FrameReason(int marker) {
  if (marker == 0xC2 || marker == 0xC6) return "progressive";
  if (marker >= 0xC9) return "arithmetic coding";
  if (marker == 0xC3 || marker == 0xC7) return "lossless JPEG";
  return fmt::format("frame type 0xFF{:02X}", marker);
}

}  // namespace

ParseOutcome ParseStream(std::span<const uint8_t> bytes, Stream& stream, std::string& reason) {
  stream = Stream{};
  if (bytes.size() < 4) return ParseOutcome::kTruncated;
  reason = "no start of image";
  if (Word(bytes, 0) != 0xFFD8) return ParseOutcome::kNotForUs;
  size_t at = 2;
  for (;;) {
    if (at + 4 > bytes.size()) return ParseOutcome::kTruncated;
    if (bytes[at] != 0xFF) {
      reason = fmt::format("no marker at byte {}", at);
      return ParseOutcome::kNotForUs;
    }
    const int marker = bytes[at + 1];
    if (marker == 0xFF) {  // a fill byte (B.1.1.2)
      ++at;
      continue;
    }
    const auto length = static_cast<size_t>(Word(bytes, at + 2));
    if (length < 2 || marker == 0 || (marker >= 0xD0 && marker <= 0xD9) || marker == 0x01) {
      reason = fmt::format("marker 0xFF{:02X} at byte {} before the scan", marker, at);
      return ParseOutcome::kNotForUs;
    }
    if (at + 2 + length > bytes.size()) return ParseOutcome::kTruncated;
    const auto body = bytes.subspan(at + 4, length - 2);
    at += 2 + length;
    reason.clear();
    if (marker == 0xDB && !ParseQuantisation(body, stream)) reason = "a damaged quantisation table";
    if (marker == 0xC4 && !ParseHuffman(body, stream)) reason = "a damaged Huffman table";
    if (marker == 0xDD) {
      if (body.size() == 2) {
        stream.restart_interval = Word(body, 0);
      } else {
        reason = "a damaged restart interval";
      }
    }
    if (marker == 0xE0 && body.size() >= 14 && std::memcmp(body.data(), "JFIF", 5) == 0)
      stream.jfif = true;
    if (marker == 0xEE && body.size() >= 12 && std::memcmp(body.data(), "Adobe", 5) == 0)
      stream.adobe_transform = body[11];
    if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
      stream.frame_marker = static_cast<uint8_t>(marker);
      if (!stream.components.empty()) {
        reason = "two frames";
      } else if (marker > 0xC1) {
        reason = FrameReason(marker);
      } else {
        reason = ParseFrame(body, stream);
      }
    }
    if (marker == 0xDA) {
      reason = ParseScan(body, stream);
      if (reason.empty()) reason = LayOut(stream);
      stream.data_offset = static_cast<int64_t>(at);
      if (reason.empty()) return ParseOutcome::kOk;
    }
    if (!reason.empty()) return ParseOutcome::kNotForUs;
  }
}

}  // namespace iiifbench::jpeg
