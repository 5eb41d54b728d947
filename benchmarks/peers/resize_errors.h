// resize_errors: how far resize is from its formula in double precision: every filter, channel
// count and kind of ratio.
#pragma once

#include <nlohmann/json.hpp>

#include "kernels/pixels/resize.h"

namespace iiifbench::peers {

struct ResizeError {
  Filter filter;
  int channels = 0;
  Size from, to;
  Difference error;
  bool within() const { return error.mean <= 0.05 && error.maximum <= 1; }
};
// Of `page`, 3 channels, at most its first 800 x 1200 pixels; 1 channel is its green, 4 are it and
// its green.
std::vector<ResizeError> ResizeErrors(ConstPixelView page);
std::string AsMarkdown(const std::vector<ResizeError>& errors);
nlohmann::json AsJson(const std::vector<ResizeError>& errors);

}  // namespace iiifbench::peers
