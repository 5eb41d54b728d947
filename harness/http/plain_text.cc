#include "harness/http/plain_text.h"

#include <fmt/format.h>

#include <cstdint>

namespace iiifbench {
namespace {

// Bytes of the letter that starts here; 0: none does.
size_t LetterAt(std::string_view bytes, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[at + i]); };
  const size_t left = bytes.size() - at;
  const auto follows = [&](size_t i) { return i < left && (byte(i) & 0xC0) == 0x80; };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;  // overlong
    if (first == 0xED && byte(1) > 0x9F) return 0;  // a surrogate
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

std::string PlainText(std::string_view bytes, std::string_view keep) {
  std::string text;
  text.reserve(bytes.size());
  for (size_t at = 0; at < bytes.size();) {
    const size_t length = LetterAt(bytes, at);
    const auto byte = static_cast<uint8_t>(bytes[at]);
    if (length == 1 && (byte < 0x20 || byte == 0x7F) && keep.find(bytes[at]) == keep.npos) {
      text += byte == '\n'   ? "\\n"
              : byte == '\r' ? "\\r"
              : byte == '\t' ? "\\t"
                             : fmt::format("\\x{:02X}", byte);
    } else if (length == 0) {
      text += fmt::format("\\x{:02X}", byte);
    } else if (length == 2 && byte == 0xC2 && static_cast<uint8_t>(bytes[at + 1]) < 0xA0) {
      text += fmt::format("\\u{:04X}", static_cast<uint8_t>(bytes[at + 1]));  // C1 controls
    } else {
      text.append(bytes, at, length);
    }
    at += length == 0 ? 1 : length;
  }
  return text;
}

std::string CutText(std::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  size_t end = 0;
  for (size_t at = 0; at <= most && at < text.size();) {
    end = at;
    const size_t length = LetterAt(text, at);
    at += length == 0 ? 1 : length;
  }
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace iiifbench
