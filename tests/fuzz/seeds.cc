// fuzz_seeds DIR: small valid inputs for every fuzz target, made by our own encoders, in
// DIR/<target>/.
#include <filesystem>
#include <fstream>
#include <random>

#include "kernels/iiif/image_request.h"
#include "tests/fuzz/fuzzed_decode.h"

namespace iiifbench {
namespace {

Image SeedPicture(Size size, int channels) {
  Image image(size, channels);
  std::mt19937_64 random(1);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width * channels; ++x)
      image.view().row(y)[x] = static_cast<uint8_t>(((x / 9 + y / 7) % 4 == 0 ? 40 : 150 + x / 4) +
                                                    static_cast<int>(random() % 5));
  return image;
}

void Write(const std::filesystem::path& path, const std::vector<uint8_t>& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

std::vector<uint8_t> With(std::vector<uint8_t> file, const std::vector<uint8_t>& tail) {
  file.insert(file.end(), tail.begin(), tail.end());
  return file;
}

void WriteSeeds(const std::filesystem::path& folder) {
  for (const Codec* codec : Codecs()) {
    if (codec->encode == nullptr) continue;
    for (const Recipe& recipe : codec->recipes) {
      for (const int channels : {1, 3}) {
        EncodeOptions options = recipe.options;
        options.decompositions = 3;
        if (options.tile.width > 0) options.tile = {32, 32};
        std::vector<uint8_t> bytes;
        if (!codec->encode(SeedPicture({61, 45}, channels).view(), options, bytes)) continue;
        const std::string name = fmt::format("{}_{}", recipe.name, channels);
        const std::filesystem::path at = folder / fmt::format("{}_fuzz", codec->name);
        Write(at / (name + "_whole"), With(bytes, {0, 0, 255, 255, 0, 2, 0, 0}));
        Write(at / (name + "_region"), With(bytes, {90, 70, 120, 99, 1, 0, 1, 0}));
        if (codec->name != "jpeg") continue;
        auto source = Source::Borrow(bytes, name);
        auto index = codec->build_index(*source);
        if (!index) continue;
        const std::vector<uint8_t> tail = {static_cast<uint8_t>(index->size() >> 8),
                                           static_cast<uint8_t>(index->size()),
                                           90,
                                           70,
                                           120,
                                           99,
                                           0,
                                           0,
                                           1,
                                           0};
        Write(folder / "index_fuzz" / name, With(With(bytes, *index), tail));
      }
    }
  }
  int number = 0;
  for (const char* path :
       {"a/full/max/0/default.jpg", "a%2Fb/10,20,300,400/150,/90/gray.png",
        "a/pct:10.5,20,33.3,40/!200,100/!22.5/color.jpg", "x/square/pct:50/180/bitonal.webp",
        "x/0,0,1,1/^pct:200/270/default.tif", "x/988,0,4,777/1,30/0/default.jpg"}) {
    for (const uint8_t version : {uint8_t{0}, uint8_t{1}}) {
      std::vector<uint8_t> bytes = {3, 232, 3, 8, version};
      for (const char* p = path; *p != 0; ++p) bytes.push_back(static_cast<uint8_t>(*p));
      Write(folder / "request_fuzz" / fmt::format("path_{}", number++), bytes);
    }
  }
}

}  // namespace
}  // namespace iiifbench

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds DIR\n");
    return 2;
  }
  iiifbench::WriteSeeds(arguments[1]);
  return 0;
}
