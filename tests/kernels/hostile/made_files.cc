// hostile_files DIR: small files of every format that are damaged, or claim to be huge: what
// `hostile` runs on in every build, so that it needs no folder from elsewhere.
//
// Our encoders write a picture by every recipe; seeded damage makes further ones of each. The bombs
// are headers only, written here.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "kernels/codecs/codec.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<uint8_t>;

void Write(const fs::path& path, const Bytes& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

Image Picture(Size size, int channels) {
  Image image(size, channels);
  std::mt19937_64 random(1);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width * channels; ++x)
      image.view().row(y)[x] = static_cast<uint8_t>(((x / 9 + y / 7) % 4 == 0 ? 40 : 130 + x / 5) +
                                                    static_cast<int>(random() % 5));
  return image;
}

Bytes Damaged(Bytes bytes, std::mt19937_64& random) {
  const size_t at = random() % bytes.size();
  switch (random() % 4) {
    case 0:
      bytes.resize(at);
      break;
    case 1:
      bytes[at] ^= static_cast<uint8_t>(1u << random() % 8);
      break;
    case 2:  // in the header, where sizes and counts are
      bytes[random() % std::min<size_t>(bytes.size(), 200)] = static_cast<uint8_t>(random());
      break;
    default:
      std::fill_n(bytes.begin() + static_cast<ptrdiff_t>(at),
                  std::min<size_t>(bytes.size() - at, 1 + random() % 300), uint8_t{0xFF});
  }
  return bytes;
}

void WriteEncoded(const fs::path& folder) {
  for (const Codec* codec : Codecs()) {
    if (codec->encode == nullptr) continue;
    for (const Recipe& recipe : codec->recipes) {
      for (const int channels : {1, 3}) {
        EncodeOptions options = recipe.options;
        options.decompositions = std::min(options.decompositions, 3);
        if (options.tile.width > 0) options.tile = {64, 64};
        Bytes bytes;
        if (!codec->encode(Picture({123, 91}, channels).view(), options, bytes)) continue;
        std::mt19937_64 random(std::hash<std::string_view>()(recipe.name) + channels);
        const std::string name = fmt::format("{}-{}", recipe.name, channels);
        Write(folder / fmt::format("{}.{}", name, recipe.extension), bytes);
        for (int n = 0; n < 3; ++n)
          Write(folder / fmt::format("{}-damaged-{}.{}", name, n, recipe.extension),
                Damaged(bytes, random));
      }
    }
  }
}

void Put(Bytes& out, uint64_t value, int bytes, bool little = false) {
  for (int i = 0; i < bytes; ++i)
    out.push_back(static_cast<uint8_t>(value >> 8 * (little ? i : bytes - 1 - i)));
}

Bytes TiffBomb(uint32_t width, uint32_t height, uint32_t rows_per_strip) {
  Bytes out = {'I', 'I', 42, 0, 8, 0, 0, 0};
  const uint32_t tags[][3] = {
      {256, 4, width}, {257, 4, height}, {258, 3, 8}, {259, 3, 1},
      {262, 3, 1},     {273, 4, 8},      {277, 3, 1}, {278, 4, rows_per_strip},
      {279, 4, 100}};
  Put(out, std::size(tags), 2, true);
  for (const auto& [tag, type, value] : tags) {
    Put(out, tag, 2, true), Put(out, type, 2, true), Put(out, 1, 4, true);
    Put(out, value, 4, true);
  }
  Put(out, 0, 4, true);
  return out;
}

// A codestream of one component: SIZ, COD with code-blocks of 4x4, QCD, an empty tile-part.
Bytes Jpeg2000Bomb(uint32_t side, uint32_t tile) {
  Bytes out = {0xFF, 0x4F, 0xFF, 0x51};
  Put(out, 41, 2), Put(out, 0, 2);
  for (const uint32_t v : {side, side, 0u, 0u, tile, tile, 0u, 0u}) Put(out, v, 4);
  Put(out, 1, 2), Put(out, 0x070101, 3);
  Put(out, 0xFF52, 2), Put(out, 12, 2), Put(out, 0, 1), Put(out, 0, 1), Put(out, 1, 2);
  Put(out, 0, 1), Put(out, 5, 1), Put(out, 0, 1), Put(out, 0, 1), Put(out, 0, 1), Put(out, 1, 1);
  Put(out, 0xFF5C, 2), Put(out, 19, 2), Put(out, 0x40, 1);
  for (int band = 0; band < 16; ++band) Put(out, 0x48, 1);
  Put(out, 0xFF90, 2), Put(out, 10, 2), Put(out, 0, 2), Put(out, 0, 4), Put(out, 1, 2);
  Put(out, 0xFF93, 2), Put(out, 0xFFD9, 2);
  return out;
}

Bytes NestedBoxes(int depth) {
  Bytes out = {0,   0,   0,   12,  'j', 'P', ' ', ' ', 13, 10, 0x87, 10, 0,   0,   0,   20,
               'f', 't', 'y', 'p', 'j', 'p', '2', ' ', 0,  0,  0,    0,  'j', 'p', '2', ' '};
  for (int i = 0; i < depth; ++i) {
    Put(out, static_cast<uint64_t>(8 * (depth - i)), 4);
    for (const char c : {'j', 'p', '2', 'h'}) out.push_back(static_cast<uint8_t>(c));
  }
  return out;
}

Bytes JpegBomb() {
  Bytes out = {0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0xFF, 0xDC, 0xFF, 0xDC, 1, 1, 0x11, 0};
  Put(out, 0xFFDA, 2), Put(out, 8, 2), Put(out, 0x010100, 3), Put(out, 0x003F00, 3);
  return out;
}

Bytes PngBomb() {
  Bytes out = {0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
  Put(out, 0x7FFFFFF, 4), Put(out, 0x7FFFFFF, 4), Put(out, 8, 1), Put(out, 6, 1), Put(out, 0, 3);
  Put(out, 0x12345678, 4);
  return out;
}

void WriteBombs(const fs::path& folder) {
  Write(folder / "bomb-200000x200000.tif", TiffBomb(200000, 200000, 200000));
  Write(folder / "bomb-one-row-strips.tif", TiffBomb(1, 1 << 30, 1));
  Write(folder / "bomb-untiled.j2k", Jpeg2000Bomb(20000, 20000));
  Write(folder / "bomb-tiles-of-one.j2k", Jpeg2000Bomb(30000, 1));
  Write(folder / "bomb-nested-boxes.jp2", NestedBoxes(100'000));
  Write(folder / "bomb-65500.jpg", JpegBomb());
  Write(folder / "bomb-large.png", PngBomb());
  Write(folder / "empty.jpg", {});
  Write(folder / "one-byte.tif", {'I'});
  Write(folder / "text.jp2", {'n', 'o', ' ', 'i', 'm', 'a', 'g', 'e'});
}

}  // namespace
}  // namespace iiifbench

int main(int count, char** arguments) {
  if (count != 2) {
    fmt::print(stderr, "usage: hostile_files DIR\n");
    return 2;
  }
  iiifbench::WriteEncoded(arguments[1]);
  iiifbench::WriteBombs(arguments[1]);
  return 0;
}
