#include "harness/attribution/findings/pyramid_gap.h"

#include <cmath>
#include <fstream>

namespace iiifbench {

std::string PyramidGap(const ImageInfo& info) {
  std::string widths;
  bool gap = false;
  for (size_t i = 0; i < info.levels.size(); ++i) {
    widths += fmt::format("{}{}", i == 0 ? "" : ", ", info.levels[i].width);
    // Roundings up and down at each halving.
    gap |= i > 0 && std::abs(info.levels[i - 1].width - 2 * info.levels[i].width) > 2;
  }
  if (!gap) return {};
  return fmt::format(
      "the pyramid of the source has widths {}: not each half of the one before. A server that "
      "finds a level "
      "by counting halvings (IIPSrv 1.1) reads another one than it means, outside of the picture: "
      "such "
      "requests are answered wrongly, or with 503 because its worker has ended. Store all levels",
      widths);
}

// Our own reader counts only halves as levels, so the directories are read here.
std::string PyramidGapIn(const std::string& file) {
  std::ifstream tiff(file, std::ios::binary);
  char head[2] = {};
  tiff.read(head, sizeof head);
  const bool little = head[0] == 'I';
  if (!tiff || head[0] != head[1] || (!little && head[0] != 'M')) return {};
  auto number = [&](uint32_t offset, int bytes) {
    unsigned char raw[4] = {};
    tiff.seekg(offset);
    tiff.read(reinterpret_cast<char*>(raw), bytes);
    uint32_t value = 0;
    for (int k = 0; k < bytes; ++k) value = value << 8 | raw[little ? bytes - 1 - k : k];
    return value;
  };
  if (number(2, 2) != 42) return {};
  ImageInfo info;
  for (uint32_t at = number(4, 4); tiff && at != 0 && info.levels.size() < 32;) {
    const uint32_t entries = number(at, 2);
    for (uint32_t entry = 0; tiff && entry < entries; ++entry) {
      const uint32_t field = at + 2 + 12 * entry;
      if (number(field, 2) != 256) continue;  // ImageWidth, of 16 or 32 bits
      const int width = static_cast<int>(number(field + 8, number(field + 2, 2) == 3 ? 2 : 4));
      info.levels.push_back({width, width});
    }
    at = number(at + 2 + 12 * entries, 4);
  }
  return PyramidGap(info);
}

Result<void> CutPyramid(const std::string& file, int levels) {
  std::fstream tiff(file, std::ios::in | std::ios::out | std::ios::binary);
  unsigned char head[4] = {};
  tiff.read(reinterpret_cast<char*>(head), sizeof head);
  const bool little = head[0] == 'I' && head[1] == 'I', big = head[0] == 'M' && head[1] == 'M';
  if (!tiff || (!little && !big)) return {};
  auto number = [&](uint32_t offset, int bytes) {
    unsigned char raw[4] = {};
    tiff.seekg(offset);
    tiff.read(reinterpret_cast<char*>(raw), bytes);
    uint32_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | raw[little ? bytes - 1 - i : i];
    return value;
  };
  if (number(2, 2) != 42)
    return Fail(ErrorKind::kUnsupported, "{}: no TIFF with offsets of 32 bits", file);
  // A directory: the number of entries, 12 bytes each, and the next directory's offset.
  uint32_t place = 4;
  for (int page = 0; page < levels; ++page) {
    const uint32_t directory = number(place, 4);
    if (!tiff) return Fail(ErrorKind::kIo, "{}: cannot be read", file);
    if (directory == 0) return {};  // it has no more
    place = directory + 2 + 12 * number(directory, 2);
  }
  const char none[4] = {};
  tiff.seekp(place);
  tiff.write(none, sizeof none);
  tiff.flush();
  if (!tiff) return Fail(ErrorKind::kIo, "{}: cannot be written", file);
  return {};
}

}  // namespace iiifbench
