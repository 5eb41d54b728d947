#include "data/repeated_tile.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>

namespace iiifbench {
namespace {

using Bytes = std::vector<uint8_t>;

uint32_t Little(const Bytes& b, size_t at, int bytes) {
  uint32_t value = 0;
  for (int i = 0; i < bytes; ++i) value |= uint32_t{b[at + static_cast<size_t>(i)]} << (8 * i);
  return value;
}
void PutLittle(Bytes& b, size_t at, uint32_t value, int bytes = 4) {
  for (int i = 0; i < bytes; ++i)
    b[at + static_cast<size_t>(i)] = static_cast<uint8_t>(value >> (8 * i));
}
void PutBig(Bytes& b, size_t at, uint32_t value, int bytes = 4) {
  for (int i = 0; i < bytes; ++i)
    b[at + static_cast<size_t>(i)] = static_cast<uint8_t>(value >> (8 * (bytes - 1 - i)));
}

// A file that is there whole or not at all.
class Output {
 public:
  explicit Output(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "wb")) {}
  void Append(std::span<const uint8_t> bytes) {
    ok_ = ok_ && file_ != nullptr &&
          std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size();
  }
  Result<void> Finish() {
    const bool closed = file_ != nullptr && std::fclose(file_.release()) == 0;
    if (ok_ && closed) return {};
    const int why = errno;
    std::remove(path_.c_str());
    return Fail(ErrorKind::kIo, "{}: cannot write: {}; free space or choose another folder", path_,
                std::strerror(why));
  }

 private:
  struct Close {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  bool ok_ = true;
};

// The tags of a one-tile file, with the picture's size and the tile's places replaced.
Result<void> WriteTiff(const Bytes& one, int across, int down, int side, const std::string& path) {
  constexpr uint32_t kWidth = 256, kLength = 257, kTileOffsets = 324, kTileByteCounts = 325;
  constexpr uint32_t kLong = 4;
  constexpr int kBytesOfType[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};
  if (one.size() < 8 || one[0] != 'I' || Little(one, 2, 2) != 42)
    return Fail(ErrorKind::kUnsupported, "{}: the tile is no classic little-endian TIFF", path);
  const size_t directory = Little(one, 4, 4), entries = Little(one, directory, 2);
  const auto tiles = static_cast<uint32_t>(across) * static_cast<uint32_t>(down);
  Bytes head(8 + 2 + 12 * entries + 4), values;
  std::copy_n(one.begin(), 8, head.begin());
  PutLittle(head, 4, 8);
  std::copy_n(one.begin() + static_cast<ptrdiff_t>(directory), 2 + 12 * entries, head.begin() + 8);
  size_t offsets_at = 0, counts_at = 0, tile_at = 0, tile_bytes = 0;
  for (size_t n = 0; n < entries; ++n) {
    const size_t at = 10 + 12 * n;
    const uint32_t tag = Little(head, at, 2), type = Little(head, at + 2, 2);
    const size_t bytes =
        Little(head, at + 4, 4) * size_t(kBytesOfType[std::min<uint32_t>(type, 12)]);
    if (tag == kWidth || tag == kLength) {
      PutLittle(head, at + 2, kLong, 2);
      PutLittle(head, at + 8, static_cast<uint32_t>((tag == kWidth ? across : down) * side));
    } else if (tag == kTileOffsets || tag == kTileByteCounts) {
      (tag == kTileOffsets ? tile_at : tile_bytes) = Little(head, at + 8, type == 3 ? 2 : 4);
      (tag == kTileOffsets ? offsets_at : counts_at) = values.size();
      PutLittle(head, at + 2, kLong, 2);
      PutLittle(head, at + 4, tiles);
      PutLittle(head, at + 8, static_cast<uint32_t>(head.size() + values.size()));
      values.resize(values.size() + size_t{4} * tiles);
    } else if (bytes > 4) {
      const auto from = one.begin() + Little(head, at + 8, 4);
      PutLittle(head, at + 8, static_cast<uint32_t>(head.size() + values.size()));
      values.insert(values.end(), from, from + static_cast<ptrdiff_t>(bytes + bytes % 2));
    }
  }
  const uint64_t data = head.size() + values.size();
  if (data + uint64_t{tile_bytes} * tiles > UINT32_MAX)
    return Fail(ErrorKind::kTooLarge, "{}: {} tiles of {} bytes do not fit a classic TIFF", path,
                tiles, tile_bytes);
  if (tile_bytes == 0 || tile_at + tile_bytes > one.size() || tiles < 2)
    return Fail(ErrorKind::kUnsupported, "{}: the TIFF is not one tile to be repeated", path);
  for (uint32_t n = 0; n < tiles; ++n) {
    PutLittle(values, offsets_at + size_t{4} * n,
              static_cast<uint32_t>(data + uint64_t{tile_bytes} * n));
    PutLittle(values, counts_at + size_t{4} * n, static_cast<uint32_t>(tile_bytes));
  }
  Output out(path);
  out.Append(head);
  out.Append(values);
  for (uint32_t n = 0; n < tiles; ++n) out.Append(std::span(one).subspan(tile_at, tile_bytes));
  return out.Finish();
}

Result<void> WriteCodestream(const Bytes& one, int across, int down, int side,
                             const std::string& path) {
  static constexpr uint8_t kStart[] = {0xFF, 0x4F, 0xFF, 0x51};  // SOC, SIZ
  static constexpr uint8_t kTilePart[] = {0xFF, 0x90, 0x00, 0x0A};
  const auto start = std::search(one.begin(), one.end(), std::begin(kStart), std::end(kStart));
  const auto tile = std::search(start, one.end(), std::begin(kTilePart), std::end(kTilePart));
  if (int64_t{across} * down > 65535)
    return Fail(ErrorKind::kTooLarge, "{}: {} tiles; a codestream numbers 65535", path,
                int64_t{across} * down);
  if (tile == one.end() || one.end() - start < 42)
    return Fail(ErrorKind::kUnsupported, "{}: no codestream of one tile to be repeated", path);
  Bytes head(start, tile), part(tile, one.end() - 2);  // without EOC
  PutBig(head, 8, static_cast<uint32_t>(across * side));
  PutBig(head, 12, static_cast<uint32_t>(down * side));
  PutBig(part, 6, static_cast<uint32_t>(part.size()));
  Output out(path);
  out.Append(head);
  for (int n = 0; n < across * down; ++n) {
    PutBig(part, 4, static_cast<uint32_t>(n), 2);
    out.Append(part);
  }
  static constexpr uint8_t kEnd[] = {0xFF, 0xD9};
  out.Append(kEnd);
  return out.Finish();
}

}  // namespace

Image RepeatableTile(int side) {
  Image image({side, side}, 3);
  std::mt19937_64 random(7);
  for (int y = 0; y < side; ++y) {
    uint8_t* row = image.view().row(y);
    for (int x = 0; x < side; ++x) {
      const bool stroke = (x % 64 / 3 * 5 + y % 48 / 2) % 11 == 0 && y % 48 < 30;
      const int noise = static_cast<int>(random() % 8 == 0 ? random() % 5 : 2) - 2;
      for (int c = 0; c < 3; ++c)
        row[3 * x + c] = static_cast<uint8_t>((stroke ? 50 : 220) - 12 * c + noise);
    }
  }
  return image;
}

Result<void> WriteRepeated(const Codec& codec, const Image& tile, EncodeOptions options, int across,
                           int down, const std::string& path) {
  IIIFBENCH_CHECK(tile.width() == tile.height() && across > 0 && down > 0, "{}x{} of {}x{}", across,
                  down, tile.width(), tile.height());
  options.tile = tile.size();
  options.pyramid = false;
  Bytes one;
  auto encoded = codec.encode(tile.view(), options, one);
  if (!encoded) return encoded;
  return codec.name == "tiff" ? WriteTiff(one, across, down, tile.width(), path)
                              : WriteCodestream(one, across, down, tile.width(), path);
}

}  // namespace iiifbench
