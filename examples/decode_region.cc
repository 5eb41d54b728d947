// decode_region: a rectangle of a JPEG, JPEG 2000 or TIFF file as a PPM on standard output.
//
//   example_decode_region page.tif 1200 1800 1024 1024 1 > region.ppm
//
// The last number is the level: 0 is full size, n is half of it n times. The region is in pixels
// of the full-size picture. Only what the region needs is read and decoded.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "kernels/codecs/codec.h"

namespace {

int Failed(const iiifbench::Error& error) {
  fmt::print(stderr, "example_decode_region: {}\n", error.message);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace iiifbench;
  if (argc != 7) {
    fmt::print(stderr, "usage: example_decode_region FILE X Y WIDTH HEIGHT LEVEL\n");
    return 2;
  }
  const Region region{std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]),
                      std::atoi(argv[5])};
  const int level = std::atoi(argv[6]);

  auto source = Source::Open(argv[1]);
  if (!source) return Failed(source.error());
  auto codec = CodecOf(**source);  // by its first bytes, not by its name
  if (!codec) return Failed(codec.error());
  auto info = (*codec)->probe(**source);  // reads the header only
  if (!info) return Failed(info.error());

  // What a caller must ask for: a level that there is, and a region inside the picture.
  const int levels = static_cast<int>(info->levels.size());
  if (level < 0 || level >= levels) {
    fmt::print(stderr, "{}: there are levels 0 to {}\n", argv[1], levels - 1);
    return 1;
  }
  if (!region.inside(info->size)) {
    fmt::print(stderr, "{}: the region is not inside {}x{}\n", argv[1], info->size.width,
               info->size.height);
    return 1;
  }

  auto image = DecodeToImage(**source, region, level);
  if (!image) return Failed(image.error());
  const ConstPixelView view = image->view();
  std::printf("P%d\n%d %d\n255\n", view.channels == 1 ? 5 : 6, view.width, view.height);
  for (int y = 0; y < view.height; ++y) {
    const size_t bytes = static_cast<size_t>(view.width) * static_cast<size_t>(view.channels);
    if (std::fwrite(view.row(y), 1, bytes, stdout) != bytes) return 1;
  }
  fmt::print(stderr, "{}: {}x{} {}, of it {}x{} pixels delivered\n", argv[1], info->size.width,
             info->size.height, (*codec)->name, view.width, view.height);
  return 0;
}
