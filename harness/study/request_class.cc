#include "harness/study/request_class.h"

#include <algorithm>

namespace iiifbench {

std::vector<RequestClass> RequestClasses(Size image) {
  const int side = std::min({1024, image.width / 2, image.height / 2});
  const int x = image.width * 3 / 10 | 1, y = image.height * 3 / 10 | 1;
  const int line_width = std::min(2000, image.width * 8 / 10),
            line_height = std::min(150, image.height / 8);
  const int tile = 256;
  const int tile_x = image.width / 2 / tile * tile, tile_y = image.height / 2 / tile * tile;
  const int tile_width = std::min(tile, image.width - tile_x),
            tile_height = std::min(tile, image.height - tile_y);
  return {
      {"info", "info.json"},
      {"full", fmt::format("full/{},/0/default.jpg", image.width / 5)},
      {"level", fmt::format("full/{},/0/default.jpg", image.width / 4)},
      {"crop", fmt::format("{},{},{},{}/{},/0/default.jpg", x, y, side, side, side)},
      {"crop+resize", fmt::format("{},{},{},{}/{},/0/default.jpg", x, y, side, side, side * 2 / 5)},
      {"tile", fmt::format("{},{},{},{}/{},/0/default.jpg", tile_x, tile_y, tile_width, tile_height,
                           tile_width)},
      {"line", fmt::format("{},{},{},{}/{},/0/default.jpg", image.width / 10 | 1,
                           image.height / 2 | 1, line_width, line_height, line_width)},
  };
}

RequestClass FullSizeCropped(Size image) {
  return {"full-size-cropped",
          fmt::format("0,0,{0},{1}/{0},/0/default.jpg", image.width - 1, image.height)};
}

std::vector<RequestClass> FoundingClasses(Size image) {
  std::vector<RequestClass> classes;
  for (auto& c : RequestClasses(image)) {
    if (c.name == "info" || c.name == "full" || c.name == "crop" || c.name == "crop+resize")
      classes.push_back(std::move(c));
  }
  classes.insert(classes.begin() + 1, {"full-size", "full/full/0/default.jpg"});
  return classes;
}

}  // namespace iiifbench
