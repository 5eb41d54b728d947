#include "benchmarks/peers/resize_errors.h"

#include <algorithm>

namespace iiifbench::peers {
namespace {

constexpr Filter kFilters[] = {Filter::kNearest,  Filter::kBilinear, Filter::kBox,
                               Filter::kTriangle, Filter::kBicubic,  Filter::kLanczos3};

Image WithChannels(ConstPixelView page, int channels) {
  Image out(page.size(), channels);
  for (int y = 0; y < page.height; ++y) {
    const uint8_t* from = page.row(y);
    uint8_t* to = out.view().row(y);
    for (int x = 0; x < page.width; ++x) {
      for (int c = 0; c < channels; ++c)
        to[x * channels + c] = from[3 * x + (channels == 1 || c == 3 ? 1 : c)];
    }
  }
  return out;
}

}  // namespace

std::vector<ResizeError> ResizeErrors(ConstPixelView page) {
  const ConstPixelView part =
      page.crop({0, 0, std::min(page.width, 800), std::min(page.height, 1200)});
  const Size whole = part.size();
  // Half and quarter exactly, fractions, one that does not fit a vector, larger.
  const Size sizes[] = {{whole.width / 2, whole.height / 2},
                        {whole.width / 4, whole.height / 4},
                        {whole.width * 2 / 5, whole.height * 2 / 5},
                        {whole.width * 10 / 27 + 1, whole.height * 10 / 27 + 1},
                        {whole.width * 3 / 2, whole.height * 3 / 2}};
  std::vector<ResizeError> errors;
  for (const int channels : {1, 3, 4}) {
    const Image source = WithChannels(part, channels);
    for (const Filter filter : kFilters) {
      for (const Size to : sizes) {
        Image fast(to, channels), formula(to, channels);
        Resize(source.view(), WholeOf(whole), fast.view(), {.filter = filter});
        ResizeScalar(source.view(), WholeOf(whole), formula.view(), filter);
        errors.push_back({filter, channels, whole, to, Compare(fast.view(), formula.view())});
      }
    }
  }
  return errors;
}

std::string AsMarkdown(const std::vector<ResizeError>& errors) {
  std::string text = "\n### Error of resize against double precision\n\n";
  text += "| filter | channels | to | mean | max | |\n|---|---|---|---|---|---|\n";
  for (const ResizeError& e : errors) {
    text += fmt::format("| {} | {} | {}x{} to {}x{} | {:.4f} | {} | {} |\n", FilterName(e.filter),
                        e.channels, e.from.width, e.from.height, e.to.width, e.to.height,
                        e.error.mean, e.error.maximum, e.within() ? "" : "WRONG: beyond 0.05 / 1");
  }
  return text;
}

nlohmann::json AsJson(const std::vector<ResizeError>& errors) {
  nlohmann::json rows = nlohmann::json::array();
  for (const ResizeError& e : errors) {
    rows.push_back({{"filter", FilterName(e.filter)},
                    {"channels", e.channels},
                    {"from", {e.from.width, e.from.height}},
                    {"to", {e.to.width, e.to.height}},
                    {"mean", e.error.mean},
                    {"maximum", e.error.maximum}});
  }
  return rows;
}

}  // namespace iiifbench::peers
