// A folder with small images of known recipes and known damage, made in code.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "kernels/codecs/codec.h"

namespace iiifbench {

class ArchiveFolder {
 public:
  ArchiveFolder() {
    char name[] = "/tmp/iiifbench-archive-XXXXXX";
    root_ = ::mkdtemp(name);
    std::filesystem::create_directories(root_ / "in");
  }
  ~ArchiveFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  std::string in() const { return (root_ / "in").string(); }
  std::string path(const std::string& name) const { return (root_ / name).string(); }

  std::vector<uint8_t> Encoded(const std::string& recipe_name, Size size) const {
    const Codec* codec = nullptr;
    const Recipe* recipe = FindRecipe(recipe_name, &codec);
    Image image(size, 3);
    PixelView view = image.view();
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width * 3; ++x)
        view.row(y)[x] = static_cast<uint8_t>((x * 7 + y * 13) ^ (x * y >> 6));
    std::vector<uint8_t> bytes;
    if (!codec->encode(image.view(), recipe->options, bytes)) bytes.clear();
    return bytes;
  }
  void Write(const std::string& name, const std::vector<uint8_t>& bytes, size_t length = SIZE_MAX) {
    std::filesystem::create_directories((root_ / "in" / name).parent_path());
    std::ofstream out(root_ / "in" / name, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(std::min(length, bytes.size())));
  }

 private:
  std::filesystem::path root_;
};

}  // namespace iiifbench
